#include "backends/host/machine_record.hpp"

#include <charconv>

#include "shim/lines.hpp"

namespace provision {

namespace {

error take_line(machine_record& record, const shim::line& one) {
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
    record.address = *address;
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

std::string write_record(const machine_record& record) {
  shim::line_writer out;
  out.add("network", record.network_id);
  out.add("address", workloads::to_string(record.address));
  out.add("disk_bytes", std::to_string(record.disk_bytes));
  return std::move(out).finish();
}

expected<machine_record> read_machine_record(std::string_view text) {
  const auto lines = shim::read_lines(text);
  if (lines.empty())
    return fail(errc::storage_corrupt, "machine: is not a whole record");
  machine_record record;
  for (const auto& one : lines)
    if (const auto wrong = take_line(record, one))
      return fail(errc::storage_corrupt, "machine: " + wrong.message);
  return record;
}

} // namespace provision
