#include "backends/host/ipv6_client_record.hpp"

#include "identity/wireguard_key.hpp"
#include "shim/lines.hpp"
#include "shim/small_file.hpp"

namespace provision {

namespace {

constexpr std::string_view client_suffix = ".client";

std::string client_file(const std::string& id) {
  return id + std::string{client_suffix};
}

tl::unexpected<error> corrupt_client(const std::string& why) {
  return fail(errc::storage_corrupt, why);
}

} // namespace

std::string write_record(const ipv6_client_record& record) {
  shim::line_writer out;
  out.add("key", record.public_key);
  out.add("address", workloads::to_string(record.address));
  return std::move(out).finish();
}

expected<ipv6_client_record> read_ipv6_client_record(std::string_view text) {
  ipv6_client_record record;
  for (const auto& one : shim::read_lines(text)) {
    if (one.fields.size() != 1)
      return corrupt_client("has a line without a value");
    if (one.name == "key") {
      const auto key = wireguard_key::parse_public(one.fields[0]);
      if (!key)
        return corrupt_client(key.error().message);
      record.public_key = *key;
    } else if (one.name == "address") {
      const auto address = workloads::parse_ip(one.fields[0]);
      if (!address)
        return corrupt_client(address.error().message);
      record.address = *address;
    } else {
      return corrupt_client("has a line '" + one.name + "'");
    }
  }
  if (record.public_key.empty()
      || record.address.family != workloads::ip_address::kind::v6)
    return corrupt_client("is not a whole record");
  return record;
}

expected<ipv6_client_records>
ipv6_client_records::open(const std::string& path) {
  auto place = folder::make(path);
  if (!place)
    return fail(place.error());
  return ipv6_client_records{std::move(*place)};
}

expected<ipv6_clients> ipv6_client_records::all() const {
  const auto names = place_.names();
  if (!names)
    return fail(names.error());
  ipv6_clients clients;
  for (const auto& name : *names) {
    if (!name.ends_with(client_suffix))
      continue;
    const auto text = read_whole(place_.path(name));
    if (!text)
      return fail(text.error());
    auto record = read_ipv6_client_record(*text);
    if (!record)
      return fail(record.error().code,
                  place_.path(name) + ": " + record.error().message);
    clients.emplace(name.substr(0, name.size() - client_suffix.size()),
                    std::move(*record));
  }
  return clients;
}

error ipv6_client_records::keep(const std::string& id,
                                const ipv6_client_record& record) const {
  return shim::write_durably(place_.path(client_file(id)),
                             write_record(record));
}

error ipv6_client_records::forget(const std::string& id) const {
  if (auto failed = place_.remove_file(client_file(id)))
    return failed;
  return place_.sync();
}

} // namespace provision
