#include "backends/host/zone_folder.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

#include "backends/host/command.hpp"
#include "shim/small_file.hpp"

namespace provision {

namespace {

constexpr std::string_view zone_suffix = ".zone";
/// The DNS server is not root.
constexpr mode_t readable = 0644;
constexpr mode_t open_folder = 0755;

std::string beside(const std::string& file) {
  return file + ".new";
}

error foreign(const std::string& path) {
  return {errc::invalid_reservation,
          "domain: " + path
            + " is there and was not made by this node; it is left alone"};
}

} // namespace

expected<zone_folder> zone_folder::open(zone_folder_options options) {
  const bool is_new = ::access(options.path.c_str(), F_OK) != 0;
  auto place = folder::make(options.path);
  if (!place)
    return fail(place.error());
  if (is_new && ::chmod(options.path.c_str(), open_folder) != 0)
    return fail(last_system_error("open folder " + options.path + " to all"));
  return zone_folder{std::move(options), std::move(*place)};
}

error zone_folder::settle(const std::vector<dns_zone>& wanted) const {
  std::vector<change> changes;
  if (auto failed = plan(wanted, changes))
    return failed;
  const auto gone = unwanted(wanted);
  if (!gone)
    return gone.error();
  error failed;
  for (const auto& one : changes)
    if (!failed)
      failed = write_beside(one);
  if (!failed && !(changes.empty() && gone->empty()))
    failed = put_in_force(changes, *gone);
  if (failed) {
    for (const auto& one : changes)
      (void)place_.remove_file(beside(one.file));
    return failed;
  }
  return tell_server();
}

std::optional<std::string> zone_folder::flaw(const dns_zone& wanted) const {
  const auto file = zone_file_name(wanted.domain);
  const auto text = current(file);
  if (!text)
    return text.error().message;
  if (text->empty())
    return place_.path(file) + " is missing";
  const auto serial = serial_of(*text, options_.terms.node_id);
  if (*text != zone_text(wanted, options_.terms, serial))
    return place_.path(file) + " is not as it was written";
  if (::access(options_.pending_file.c_str(), F_OK) == 0)
    return "the DNS server has not been told yet";
  return std::nullopt;
}

expected<std::string> zone_folder::current(const std::string& file) const {
  const auto there = place_.look(file);
  if (!there)
    return fail(there.error());
  return there->exists ? read_whole(place_.path(file)) : std::string{};
}

/// What has to be written for these zones.
error zone_folder::plan(const std::vector<dns_zone>& wanted,
                        std::vector<change>& changes) const {
  const auto& node = options_.terms.node_id;
  for (const auto& zone : wanted) {
    const auto file = zone_file_name(zone.domain);
    const auto old = current(file);
    if (!old)
      return old.error();
    const auto serial = serial_of(*old, node);
    if (serial == 0 && !old->empty())
      return foreign(place_.path(file));
    if (*old == zone_text(zone, options_.terms, serial))
      continue;
    const auto next = std::max(options_.now(), serial + 1);
    changes.push_back(
      {file, zone_text(zone, options_.terms, next), zone.domain});
  }
  if (auto failed = plan_list("zones.bind", "//",
                              bind_list(wanted, place_.path(), node), changes))
    return failed;
  return plan_list("zones.nsd", "#", nsd_list(wanted, place_.path(), node),
                   changes);
}

error zone_folder::plan_list(const std::string& file,
                             const std::string& comment,
                             const std::string& text,
                             std::vector<change>& changes) const {
  const auto old = current(file);
  if (!old)
    return old.error();
  if (!old->empty()
      && !old->starts_with(own_mark(comment, options_.terms.node_id)))
    return foreign(place_.path(file));
  if (*old != text)
    changes.push_back({file, text, {}});
  return {};
}

/// Files of zones that this node made and does not keep any more.
expected<std::vector<std::string>>
zone_folder::unwanted(const std::vector<dns_zone>& wanted) const {
  auto names = place_.names();
  if (!names)
    return fail(names.error());
  std::erase_if(*names, [&](const std::string& name) {
    return !name.ends_with(zone_suffix)
           || std::ranges::any_of(wanted,
                                  [&](const dns_zone& zone) {
                                    return zone_file_name(zone.domain) == name;
                                  })
           || serial_of(current(name).value_or(""), options_.terms.node_id)
                == 0;
  });
  return names;
}

/// And has it checked, if it is a zone and somebody can.
error zone_folder::write_beside(const change& what) const {
  if (auto stopped = pass(options_.before_step, "write zone"))
    return stopped;
  const auto path = place_.path(beside(what.file));
  if (auto failed = shim::write_durably(path, what.text))
    return failed;
  if (::chmod(path.c_str(), readable) != 0)
    return last_system_error("open " + path + " to all");
  if (what.domain.empty() || options_.checkzone.empty())
    return {};
  const auto judged
    = run({.program = options_.checkzone,
           .arguments = {"-q", "-i", "local", what.domain, path}});
  if (judged)
    return {};
  return {judged.error().code, "zone " + what.domain + " is not accepted: "
                                 + judged.error().message};
}

error zone_folder::put_in_force(
  const std::vector<change>& changes,
  const std::vector<std::string>& unwanted) const {
  if (auto failed = shim::write_durably(options_.pending_file, ""))
    return failed;
  for (const auto& one : changes) {
    if (auto stopped = pass(options_.before_step, "put zone in force"))
      return stopped;
    if (auto failed = place_.rename(beside(one.file), one.file))
      return failed;
  }
  for (const auto& file : unwanted) {
    if (auto stopped = pass(options_.before_step, "remove zone"))
      return stopped;
    if (auto failed = place_.remove_file(file))
      return failed;
  }
  return place_.sync();
}

/// Also of a change that a crash or a failure kept from it.
error zone_folder::tell_server() const {
  if (::access(options_.pending_file.c_str(), F_OK) != 0)
    return errno == ENOENT ? error{} : last_system_error("look for a change");
  if (auto stopped = pass(options_.before_step, "tell DNS server"))
    return stopped;
  if (!options_.reload.empty()) {
    const auto told = run(
      {.program = options_.reload.front(),
       .arguments = {options_.reload.begin() + 1, options_.reload.end()}});
    if (!told)
      return {errc::host_unavailable,
              "the DNS server cannot be told of its zones: "
                + told.error().message};
  }
  if (::unlink(options_.pending_file.c_str()) != 0 && errno != ENOENT)
    return last_system_error("forget a change");
  return {};
}

} // namespace provision
