#include "actors/recording/recorder.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>

#include "logging/log.hpp"
#include "messages/hex.hpp"
#include "messages/json/json.hpp"

namespace provision {

namespace {

/// Only whole lines are lines: white space inside a document may be anything,
/// and no JSON text has a line break that means something.
void append_line(std::string& lines, std::string_view text) {
  auto begin = lines.size();
  lines += text;
  std::replace_if(
    lines.begin() + static_cast<std::ptrdiff_t>(begin), lines.end(),
    [](char c) { return c == '\n' || c == '\r'; }, ' ');
  lines += '\n';
}

std::string mark(std::string_view kind) {
  return "{\"recorded\":" + json::quote(kind);
}

std::string member(std::string_view name, std::string_view text) {
  return ",\"" + std::string{name} + "\":" + json::quote(text);
}

std::string member(std::string_view name, std::uint64_t number) {
  return ",\"" + std::string{name} + "\":" + std::to_string(number);
}

std::string member(const error& failure) {
  return member("error", failure.message)
         + member("code", to_string(failure.code));
}

std::string_view name_of(config::signature_policy policy) {
  switch (policy) {
  case config::signature_policy::enforce:
    return "enforce";
  case config::signature_policy::warn:
    return "warn";
  case config::signature_policy::off:
    break;
  }
  return "off";
}

} // namespace

expected<std::shared_ptr<recorder>>
recorder::open(std::string path, std::shared_ptr<const wall_clock> clock) {
  auto file
    = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0)
    return fail(errc::storage_failure,
                path + ": cannot be opened to record: " + std::strerror(errno),
                errno);
  return std::shared_ptr<recorder>{
    new recorder{std::move(path), std::move(clock), file}};
}

recorder::~recorder() {
  if (file_ >= 0)
    ::close(file_);
}

std::string recorder::now() const {
  return json::format_rfc3339(clock_->now());
}

void recorder::append(const std::string& lines) {
  std::lock_guard lock{mutex_};
  if (file_ < 0)
    return;
  for (std::size_t written = 0; written < lines.size();) {
    auto n = ::write(file_, lines.data() + written, lines.size() - written);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0) {
      log::error("recording ends: " + path_ + ": " + std::strerror(errno));
      ::close(std::exchange(file_, -1));
      return;
    }
    written += static_cast<std::size_t>(n);
  }
}

void recorder::start(const engine_options& options,
                     const statser_limits& limits) {
  auto line = mark("start") + member("at", now())
              + member("node", options.node_id) + ",\"types\":[";
  std::set<reservation_type> types;
  for (auto& [type, functions] : options.provisioners)
    types.insert(type);
  for (auto& [type, settings] : options.workers)
    types.insert(type);
  for (auto& type : types)
    line.append(line.back() == '[' ? "" : ",").append(json::quote(type.name));
  auto& most = limits.capacity;
  line += "],\"capacity\":{\"cru\":" + std::to_string(most.cru)
          + member("mru", most.mru) + member("hru", most.hru)
          + member("sru", most.sru) + "}}";
  append(line + '\n');
}

void recorder::page(const source_page& received) {
  auto lines = mark("page") + member("at", now())
               + member("source", received.source)
               + member("signatures", name_of(received.signatures))
               + member("documents", received.documents.size()) + "}\n";
  for (auto& document : received.documents)
    append_line(lines, document.text);
  append(lines);
}

void recorder::user(std::int64_t tid, std::string_view public_key) {
  append(mark("user") + ",\"id\":" + std::to_string(tid)
         + member("pubkey", hex::encode(public_key)) + "}\n");
}

void recorder::provisioned(const std::string& id,
                           const expected<std::string>& answer) {
  append(mark("provisioned") + member("id", id)
         + (answer ? member("data", *answer) : member(answer.error())) + "}\n");
}

void recorder::decommissioned(const std::string& id, const error& failure) {
  append(mark("decommissioned") + member("id", id)
         + (failure ? member(failure) : std::string{}) + "}\n");
}

void recorder::result(const std::string& id, const std::string& body) {
  std::string line;
  append_line(line, mark("result") + member("at", now()) + member("id", id)
                      + ",\"body\":" + body + '}');
  append(line);
}

void recorder::deleted(const std::string& id) {
  append(mark("deleted") + member("at", now()) + member("id", id) + "}\n");
}

} // namespace provision
