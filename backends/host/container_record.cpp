#include "backends/host/container_record.hpp"

#include <charconv>

#include "shim/lines.hpp"

namespace provision {

namespace {

error take_line(container_record& record, const shim::line& one) {
  if (one.fields.size() != 1)
    return {errc::storage_corrupt, "has a line without a value"};
  const auto& text = one.fields[0];
  if (one.name == "network") {
    record.network_id = text;
  } else if (one.name == "address") {
    const auto address = workloads::parse_ip(text);
    if (!address)
      return address.error();
    record.addresses.push_back(*address);
  } else if (one.name == "volume") {
    record.volumes.push_back(text);
  } else if (one.name == "disk_bytes") {
    std::from_chars(text.data(), text.data() + text.size(), record.disk_bytes);
  } else {
    return {errc::storage_corrupt, "has a line '" + one.name + "'"};
  }
  return {};
}

} // namespace

container_record record_of(const container_order& order) {
  container_record record{.network_id = order.network_id,
                          .addresses = order.addresses,
                          .disk_bytes = order.disk_bytes};
  for (const auto& one : order.volumes)
    record.volumes.push_back(one.volume_id);
  return record;
}

std::string write_record(const container_record& record) {
  shim::line_writer out;
  out.add("network", record.network_id);
  for (const auto& one : record.addresses)
    out.add("address", workloads::to_string(one));
  for (const auto& one : record.volumes)
    out.add("volume", one);
  out.add("disk_bytes", std::to_string(record.disk_bytes));
  return std::move(out).finish();
}

expected<container_record> read_container_record(std::string_view text) {
  const auto lines = shim::read_lines(text);
  if (lines.empty())
    return fail(errc::storage_corrupt, "container: is not a whole record");
  container_record record;
  for (const auto& one : lines)
    if (const auto wrong = take_line(record, one))
      return fail(errc::storage_corrupt, "container: " + wrong.message);
  return record;
}

} // namespace provision
