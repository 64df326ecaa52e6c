#include "backends/host/network_record.hpp"

#include <algorithm>
#include <sstream>

#include <fcntl.h>
#include <unistd.h>

#include "messages/json/json.hpp"
#include "messages/reservation.hpp"

namespace provision {

namespace {

constexpr std::string_view suffix = ".network";
constexpr std::string_view temporary_suffix = ".tmp";

bool same(const network_member& a, const network_member& b) {
  return a.id == b.id && a.addresses == b.addresses
         && a.is_machine == b.is_machine;
}

expected<workloads::network_resource> read_resource(const std::string& json) {
  reservation carrier;
  carrier.type = reservation_types::network_resource;
  carrier.data = json;
  json::decode_workload(carrier);
  auto* resource = std::get_if<workloads::network_resource>(&carrier.workload);
  if (resource == nullptr)
    return fail(errc::storage_corrupt, carrier.data_error.message);
  return std::move(*resource);
}

expected<network_member> read_member(std::istringstream words) {
  network_member member;
  words >> member.id;
  for (std::string word; words >> word;) {
    auto address = workloads::parse_ip(word);
    if (!address)
      return fail(address.error());
    member.addresses.push_back(*address);
  }
  return member;
}

error write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto size = ::write(file, bytes.data(), bytes.size());
    if (size < 0 && errno != EINTR)
      return last_system_error("write");
    if (size > 0)
      bytes.remove_prefix(static_cast<std::size_t>(size));
  }
  return {};
}

} // namespace

bool network_record::operator==(const network_record& other) const {
  return user_id == other.user_id && holders == other.holders
         && std::ranges::equal(members, other.members, same)
         && resource == other.resource;
}

std::string write_record(const network_record& record) {
  std::string text = "network 1\nuser " + record.user_id + '\n';
  for (const auto& holder : record.holders)
    text += "holder " + holder + '\n';
  for (const auto& member : record.members) {
    text += (member.is_machine ? "machine " : "member ") + member.id;
    for (const auto& address : member.addresses)
      text += ' ' + to_string(address);
    text += '\n';
  }
  return text + "resource " + json::write(workloads::workload{record.resource})
         + "\nend\n";
}

expected<network_record> read_record(std::string_view text) {
  const auto corrupt = [](const std::string& why) {
    return fail(errc::storage_corrupt, "record of a network: " + why);
  };
  std::istringstream lines{std::string{text}};
  std::string line;
  if (!std::getline(lines, line) || line != "network 1")
    return corrupt("is of a form that this version does not know");
  network_record record;
  while (std::getline(lines, line) && line != "end") {
    const auto space = line.find(' ');
    const auto rest
      = space == std::string::npos ? std::string{} : line.substr(space + 1);
    const auto word = line.substr(0, space);
    if (word == "user") {
      record.user_id = rest;
    } else if (word == "holder") {
      record.holders.push_back(rest);
    } else if (word == "member" || word == "machine") {
      auto member = read_member(std::istringstream{rest});
      if (!member)
        return corrupt(member.error().message);
      member->is_machine = word == "machine";
      record.members.push_back(std::move(*member));
    } else if (word == "resource") {
      auto resource = read_resource(rest);
      if (!resource)
        return corrupt(resource.error().message);
      record.resource = std::move(*resource);
    } else {
      return corrupt("holds an unknown line");
    }
  }
  if (line != "end")
    return corrupt("breaks off");
  return record;
}

expected<network_records> network_records::open(const std::string& path) {
  auto place = folder::make(path);
  if (!place)
    return fail(place.error());
  return network_records{std::move(*place)};
}

expected<std::optional<network_record>>
network_records::find(const std::string& id) const {
  const auto name = id + std::string{suffix};
  const auto there = place_.look(name);
  if (!there)
    return fail(there.error());
  if (!there->exists)
    return std::nullopt;
  const auto text = read_whole(place_.path(name));
  if (!text)
    return fail(text.error());
  auto record = read_record(*text);
  if (!record)
    return fail(record.error().code,
                place_.path(name) + ": " + record.error().message);
  return std::move(*record);
}

error network_records::keep(const std::string& id,
                            const network_record& record) const {
  const auto name = id + std::string{suffix};
  const auto temporary = name + std::string{temporary_suffix};
  const file_descriptor file{
    ::openat(place_.number(), temporary.c_str(),
             O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600)};
  if (!file)
    return last_system_error("write " + place_.path(temporary));
  if (auto failed = write_all(file.number(), write_record(record)))
    return failed;
  if (::fsync(file.number()) != 0)
    return last_system_error("write " + place_.path(temporary));
  if (auto failed = place_.rename(temporary, name))
    return failed;
  return place_.sync();
}

error network_records::forget(const std::string& id) const {
  const auto name = id + std::string{suffix};
  if (auto failed = place_.remove_file(name + std::string{temporary_suffix}))
    return failed;
  if (auto failed = place_.remove_file(name))
    return failed;
  return place_.sync();
}

expected<std::vector<std::string>> network_records::ids() const {
  auto names = place_.names();
  if (!names)
    return names;
  std::vector<std::string> ids;
  for (const auto& name : *names)
    if (name.ends_with(suffix))
      ids.push_back(name.substr(0, name.size() - suffix.size()));
  std::ranges::sort(ids);
  return ids;
}

} // namespace provision
