#include "config/key_table.hpp"

#include "config/key_rows.hpp"

namespace provision::config {

const std::vector<key_row>& key_table() {
  static const auto rows = [] {
    std::vector<key_row> all;
    for (auto add : {add_node_key_rows, add_engine_key_rows, add_host_key_rows,
                     add_doors_key_rows})
      add(all);
    return all;
  }();
  return rows;
}

std::string_view section_of(std::string_view key) {
  return key.substr(0, key.find('.'));
}

std::string_view name_of(std::string_view key) {
  return key.substr(key.find('.') + 1);
}

} // namespace provision::config
