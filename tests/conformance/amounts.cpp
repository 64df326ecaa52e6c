#include "tests/conformance/amounts.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "messages/byte_units.hpp"
#include "tests/conformance/outcome.hpp"
#include "tests/conformance/rules.hpp"

namespace provision::conformance {

namespace {

struct vm_size {
  unsigned cpus;
  unsigned memory;
  unsigned disk;
};

/// Size 1 to 18 of the protocol, GiB.
constexpr vm_size vm_sizes[]
  = {{1, 2, 50},   {2, 4, 100},  {2, 8, 25},   {2, 8, 50},   {2, 8, 200},
     {4, 16, 50},  {4, 16, 100}, {4, 16, 400}, {8, 32, 100}, {8, 32, 200},
     {8, 32, 800}, {1, 64, 200}, {1, 64, 400}, {1, 64, 800}, {1, 2, 25},
     {2, 4, 50},   {4, 8, 50},   {1, 1, 25}};

void add_disk(amounts& sum, const std::string& type, wide bytes) {
  if (type == "hdd")
    sum[2] += bytes;
  if (type == "ssd")
    sum[3] += bytes;
}

std::uint64_t number(const value& from, const char* key) {
  auto member = from.find(key);
  return member == from.end() ? 0 : member->get<std::uint64_t>();
}

} // namespace

std::optional<amounts> amounts_of(const reservation& what) {
  amounts sum{};
  if (what.data.empty() || what.data == "null")
    return sum;
  auto data = value::parse(what.data);
  auto& type = what.type.name;
  if (type == "volume")
    add_disk(sum, text(data, "type"), wide{number(data, "size")} * gib);
  if (type == "zdb")
    add_disk(sum, text(data, "disk_type"), wide{number(data, "size")} * gib);
  if (type == "container" && data.contains("capacity")) {
    auto& capacity = data["capacity"];
    sum[0] = number(capacity, "cpu");
    sum[1] = wide{number(capacity, "memory")} * mib;
    add_disk(sum, text(capacity, "disk_type"),
             wide{number(capacity, "disk_size")} * mib);
  }
  if (type == "kubernetes") {
    auto size = number(data, "size");
    if (size < 1 || size > std::size(vm_sizes))
      return std::nullopt;
    auto& vm = vm_sizes[size - 1];
    sum = {vm.cpus, wide{vm.memory} * gib, 0, wide{vm.disk} * gib};
  }
  return sum;
}

bool fits(const amounts& sum) {
  return std::none_of(sum.begin(), sum.end(),
                      [](wide one) { return one > UINT64_MAX; });
}

amounts operator+(amounts a, const amounts& b) {
  for (std::size_t i = 0; i < a.size(); ++i)
    a[i] += b[i];
  return a;
}

} // namespace provision::conformance
