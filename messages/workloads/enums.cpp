#include "messages/workloads/enums.hpp"

namespace provision::workloads {

std::string_view to_string(disk_type type) noexcept {
  switch (type) {
  case disk_type::hdd:
    return "hdd";
  case disk_type::ssd:
    return "ssd";
  }
  return "UNKNOWN";
}

std::string_view to_string(zdb_mode mode) noexcept {
  switch (mode) {
  case zdb_mode::seq:
    return "seq";
  case zdb_mode::user:
    return "user";
  }
  return "UNKNOWN";
}

} // namespace provision::workloads
