#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "messages/json/json.hpp"
#include "messages/json/workload_tables.hpp"
#include "messages/reservation.hpp"

namespace provision::json {

namespace {

namespace types = reservation_types;

/// The empty arguments of a type; std::monostate for types without a schema.
workloads::workload empty_workload(const reservation_type& type) {
  if (type == types::volume)
    return workloads::volume{};
  if (type == types::zdb)
    return workloads::zdb{};
  if (type == types::container)
    return workloads::container{};
  if (type == types::kubernetes)
    return workloads::kubernetes{};
  if (type == types::network || type == types::network_resource)
    return workloads::network_resource{};
  if (type == types::public_ip)
    return workloads::public_ip{};
  if (type == types::debug)
    return workloads::debug{};
  return {};
}

bool read_workload(reader& in, std::string_view text,
                   workloads::workload& out) {
  json_object top;
  if (!in.open(text, top))
    return false;
  return std::visit(
    [&]<class T>(T& arguments) {
      if constexpr (std::is_same_v<T, std::monostate>)
        return true;
      else
        return read_members<T>(in, top, arguments, fields<T>);
    },
    out);
}

} // namespace

void decode_workload(reservation& r, const limits& bounds) {
  r.workload = empty_workload(r.type);
  r.data_error = {};
  // Null is what the original takes for arguments that are all zero.
  if (std::holds_alternative<std::monostate>(r.workload) || r.data == "null")
    return;
  reader in{bounds};
  if (read_workload(in, r.data, r.workload))
    return;
  r.workload = std::monostate{};
  r.data_error = in.take_failure();
  r.data_error.message.insert(0, "data: ");
}

std::string write(const workloads::workload& w) {
  std::string out;
  std::visit(
    [&]<class T>(const T& arguments) {
      if constexpr (!std::is_same_v<T, std::monostate>)
        write_value(out, arguments);
    },
    w);
  return out;
}

} // namespace provision::json
