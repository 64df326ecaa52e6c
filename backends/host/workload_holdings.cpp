#include "backends/host/workload_holdings.hpp"

#include <cerrno>
#include <charconv>

#include <sys/stat.h>
#include <unistd.h>

#include "backends/host/folder.hpp"
#include "messages/reservation.hpp"
#include "shim/lines.hpp"
#include "shim/process_state.hpp"
#include "shim/small_file.hpp"

namespace provision {

namespace {

error take_line(workload_record& record, const shim::line& one) {
  if (one.fields.size() != 1)
    return {errc::storage_corrupt, "has a line without a value"};
  const auto& text = one.fields[0];
  const auto* end = text.data() + text.size();
  if (one.name == "network") {
    record.network_id = text;
  } else if (one.name == "address") {
    const auto address = workloads::parse_ip(text);
    if (!address)
      return address.error();
    record.addresses.push_back(*address);
  } else if (one.name == "public_ip") {
    record.public_ip = text;
  } else if (one.name == "volume") {
    record.volumes.push_back(text);
  } else if (one.name == "disk_bytes") {
    const auto read = std::from_chars(text.data(), end, record.disk_bytes);
    if (read.ec != std::errc{} || read.ptr != end)
      return {errc::storage_corrupt, "has no size of its disk"};
  } else {
    return {errc::storage_corrupt, "has a line '" + one.name + "'"};
  }
  return {};
}

} // namespace

std::string write_record(const workload_record& record) {
  shim::line_writer out;
  out.add("network", record.network_id);
  for (const auto& one : record.addresses)
    out.add("address", workloads::to_string(one));
  if (!record.public_ip.empty())
    out.add("public_ip", record.public_ip);
  for (const auto& one : record.volumes)
    out.add("volume", one);
  out.add("disk_bytes", std::to_string(record.disk_bytes));
  return std::move(out).finish();
}

expected<workload_record> read_workload_record(std::string_view text) {
  const auto lines = shim::read_lines(text);
  if (lines.empty())
    return fail(errc::storage_corrupt, "is not a whole record");
  workload_record record;
  for (const auto& one : lines)
    if (const auto wrong = take_line(record, one))
      return fail(errc::storage_corrupt, wrong.message);
  return record;
}

std::string workload_holdings::path_of(const std::string& id) const {
  return processes_.folder_of(id) + '/' + file_;
}

std::string workload_holdings::mark_of(const std::string& id) const {
  return processes_.folder_of(id) + "/leaving";
}

error workload_holdings::note(const std::string& id,
                              const workload_record& record) const {
  const auto folder = processes_.folder_of(id);
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    return last_system_error("make folder " + folder);
  const auto mark = mark_of(id);
  if (::unlink(mark.c_str()) != 0 && errno != ENOENT)
    return last_system_error("remove " + mark);
  return shim::write_durably(path_of(id), write_record(record));
}

expected<std::optional<workload_record>>
workload_holdings::find(const std::string& id) const {
  const auto path = path_of(id);
  const auto exists = path_exists(path);
  if (!exists)
    return fail(exists.error());
  if (!*exists)
    return std::optional<workload_record>{};
  auto record = read_workload_record(shim::read_small(path));
  if (!record)
    return fail(record.error().code, path + ": " + record.error().message);
  return std::optional{std::move(*record)};
}

expected<std::optional<workload_record>>
workload_holdings::find_whole(const std::string& id) const {
  const auto is_leaving = path_exists(mark_of(id));
  const auto was_started
    = path_exists(processes_.folder_of(id) + '/' + shim::spec_name);
  if (!is_leaving || !was_started)
    return fail(!is_leaving ? is_leaving.error() : was_started.error());
  if (*is_leaving || !*was_started)
    return std::optional<workload_record>{};
  return find(id);
}

expected<std::vector<held_object>> workload_holdings::list() const {
  const auto ids = processes_.ids();
  if (!ids)
    return fail(ids.error());
  std::vector<held_object> held;
  for (const auto& id : *ids) {
    // What is no reservation's was laid there by somebody else.
    if (!split_reservation_id(id))
      continue;
    const auto record = find(id);
    // It may use any volume then.
    if (!record)
      return fail(record.error());
    held_object one{.id = id, .volumes = {id}};
    if (*record)
      one.volumes.insert(one.volumes.end(), (*record)->volumes.begin(),
                         (*record)->volumes.end());
    const auto facts = processes_.look(id);
    if (facts.pid != 0)
      one.what = "process " + std::to_string(facts.pid);
    held.push_back(std::move(one));
  }
  return held;
}

void workload_holdings::mark_as_leaving(const std::string& id) const {
  // What there is no folder of was never started, and a full disk must not keep
  // anybody from removing: without the mark it may run again until it is gone.
  [[maybe_unused]] const auto failed = shim::write_durably(mark_of(id), {});
}

error workload_holdings::detach(const std::string& id,
                                const workload_record& record) const {
  if (!record.public_ip.empty()) {
    if (public_ips_ == nullptr)
      return {errc::host_unavailable,
              id + " still has public address " + record.public_ip
                + "; set public.bridge again until it is gone"};
    if (auto failed = public_ips_->detach(record.public_ip, id))
      return failed;
  }
  return networks_.detach(record.network_id, id);
}

error workload_holdings::release(
  const std::string& id, const std::function<void()>& before_end) const {
  // A record that cannot be read is not one that is not there.
  const auto record = find(id);
  if (!record)
    return record.error();
  if (auto stopped = pass(before_step_, "mark"))
    return stopped;
  mark_as_leaving(id);
  if (auto stopped = pass(before_step_, "stop"))
    return stopped;
  if (before_end)
    before_end();
  if (auto failed = processes_.stop(id))
    return failed;
  if (auto stopped = pass(before_step_, "detach"))
    return stopped;
  // Without a record nothing was attached, or it was given back already.
  if (*record)
    if (auto failed = detach(id, **record))
      return failed;
  if (auto stopped = pass(before_step_, "remove disk"))
    return stopped;
  if (auto failed = volumes_.destroy(id))
    return failed;
  if (auto stopped = pass(before_step_, "forget"))
    return stopped;
  return processes_.remove(id);
}

} // namespace provision
