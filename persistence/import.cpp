#include "persistence/import.hpp"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <memory>
#include <system_error>
#include <utility>

#include "messages/json/json.hpp"
#include "messages/reservation.hpp"

namespace provision {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view cache_version = "\"1.0.0\"";
constexpr std::size_t file_bytes_max = std::size_t{4} << 20U;
constexpr std::size_t batch_records_max = 64;

/// The reservation in a file, and its bytes.
struct cached {
  provision::reservation reservation = {};
  received_text received = {};
  resources takes = {};
};

/// Length of the JSON object at the start of `text`; 0 if it does not end.
/// Whether it is valid is for the JSON reader to say.
std::size_t object_size(std::string_view text) {
  if (!text.starts_with('{'))
    return 0;
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char byte = text[at];
    if (in_string && byte == '\\')
      ++at;
    else if (byte == '"')
      in_string = !in_string;
    else if (!in_string && byte == '{')
      ++depth;
    else if (!in_string && byte == '}' && --depth == 0)
      return at + 1;
  }
  return 0;
}

expected<std::string> read_file(const fs::path& path) {
  std::error_code reason;
  if (!fs::is_regular_file(path, reason))
    return fail(errc::malformed_input, "not a regular file", reason.value());
  const auto size = fs::file_size(path, reason);
  if (reason)
    return fail(errc::storage_failure, reason.message(), reason.value());
  if (size > file_bytes_max)
    return fail(errc::input_too_large,
                "larger than " + std::to_string(file_bytes_max) + " bytes");
  std::string text(static_cast<std::size_t>(size), '\0');
  std::ifstream in{path, std::ios::binary};
  if (!in.read(text.data(), static_cast<std::streamsize>(text.size())))
    return fail(errc::storage_failure, "cannot be read");
  return text;
}

/// Whether what the reservation takes matters from now on.
bool is_or_will_be_there(const result& known) {
  return known.is_nil() || known.state != result_state::error;
}

expected<cached> read_cached(const fs::path& path) {
  const auto text = read_file(path);
  if (!text)
    return fail(text.error());
  if (text->empty())
    return fail(errc::malformed_input, "empty");
  if (!text->starts_with(cache_version))
    return fail(errc::malformed_input, "does not begin with version \"1.0.0\"");
  const auto body = std::string_view{*text}.substr(cache_version.size());
  const auto begin = std::min(body.find_first_not_of(" \t\r\n"), body.size());
  const auto json = body.substr(begin, object_size(body.substr(begin)));
  if (json.empty())
    return fail(errc::malformed_input, "no complete reservation");
  auto read = json::read_reservation(json);
  if (!read)
    return fail(read.error());
  if (read->id != path.filename() || !is_safe_id(read->id))
    return fail(errc::malformed_input,
                "holds reservation " + json::quote(read->id));
  cached found;
  if (auto takes = resources_of(*read))
    found.takes = *takes;
  else if (is_or_will_be_there(read->result))
    return fail(takes.error());
  found.received = own_text(std::string{json}, text_form::reservation);
  found.reservation = std::move(*read);
  return found;
}

record_state state_of(const result& known) {
  if (known.is_nil())
    return record_state::accepted;
  return known.state == result_state::error ? record_state::failed
                                            : record_state::provisioned;
}

record to_record(cached&& from, std::uint64_t sequence, timestamp now) {
  auto& what = from.reservation;
  record made;
  made.network = network_of(what);
  made.expires = what.expires_at();
  made.id = std::move(what.id);
  made.sequence = sequence;
  made.state = state_of(what.result);
  made.source = "import";
  made.type = std::move(what.type);
  made.user_id = std::move(what.user_id);
  made.version = what.version;
  made.takes = from.takes;
  made.accepted_at = now;
  if (made.state != record_state::accepted) {
    made.settled_at = what.result.created;
    made.result = std::move(what.result);
  }
  made.received = std::move(from.received);
  return made;
}

expected<bool> is_known(reservation_store& store, const std::string& id) {
  const auto live = store.find(id);
  if (!live)
    return fail(live.error());
  const auto gone = store.find_tombstone(id);
  if (!gone)
    return fail(gone.error());
  return live->has_value() || gone->has_value();
}

expected<std::vector<fs::path>> files_in(const std::string& folder) {
  std::vector<fs::path> files;
  std::error_code reason;
  for (fs::directory_iterator at{folder, reason}, end; !reason && at != end;
       at.increment(reason))
    files.push_back(at->path());
  if (reason)
    return fail(errc::storage_failure,
                "cannot list " + folder + ": " + reason.message(),
                reason.value());
  std::sort(files.begin(), files.end());
  return files;
}

/// The new reservations of a folder in the order of a page.
expected<std::vector<cached>> read_new(const std::string& folder,
                                       reservation_store& store,
                                       import_report& report) {
  const auto files = files_in(folder);
  if (!files)
    return fail(files.error());
  std::vector<cached> found;
  for (const auto& file : *files) {
    auto one = read_cached(file);
    if (!one) {
      report.refused.push_back({file.string(), one.error()});
      continue;
    }
    const auto known = is_known(store, one->reservation.id);
    if (!known)
      return fail(known.error());
    if (*known)
      ++report.skipped;
    else
      found.push_back(std::move(*one));
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const cached& a, const cached& b) {
                     return before_in_page(a.reservation, b.reservation);
                   });
  return found;
}

expected<std::uint64_t> next_sequence(reservation_store& store) {
  auto next = store.recovery().next_sequence;
  if (auto wrong = store.for_each([&](const record_summary& seen) {
        next = std::max(next, seen.sequence + 1);
      }))
    return fail(std::move(wrong));
  return next;
}

} // namespace

expected<import_report> import_cache(const std::string& folder,
                                     reservation_store& store, timestamp now) {
  import_report report;
  auto found = read_new(folder, store, report);
  if (!found)
    return fail(found.error());
  auto sequence = next_sequence(store);
  if (!sequence)
    return fail(sequence.error());
  transition_batch batch;
  for (auto& one : *found) {
    auto made
      = std::make_shared<record>(to_record(std::move(one), (*sequence)++, now));
    batch.journal.push_back(
      {.at = now, .id = made->id, .event = "imported", .text = folder});
    batch.puts.push_back({std::move(made), true});
    if (batch.puts.size() < batch_records_max && &one != &found->back())
      continue;
    if (auto wrong = store.apply(batch, durability::machine))
      return fail(std::move(wrong));
    report.imported += batch.puts.size();
    batch = {};
  }
  return report;
}

} // namespace provision
