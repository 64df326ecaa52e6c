#include "explorer/simulated/cloud_units.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "messages/workloads/kubernetes.hpp"

namespace provision::simulated {

namespace {

/// Resource units, GiB but for the first and the last.
struct resource_units_used {
  double cru = 0;
  double mru = 0;
  double hru = 0;
  double sru = 0;
  double ipv4u = 0;
};

double round_to(double value, double steps) {
  return std::round(value * steps) / steps;
}

expected<resource_units_used> on_disk(std::uint8_t type, double size,
                                      std::string_view what) {
  if (type == 0)
    return resource_units_used{.hru = size};
  if (type == 1)
    return resource_units_used{.sru = size};
  return fail(errc::invalid_reservation,
              std::string{what} + " type UNKNOWN not supported");
}

expected<resource_units_used> used_by(const documents::volume& v) {
  return on_disk(v.type, static_cast<double>(v.size), "volume");
}

expected<resource_units_used> used_by(const documents::zdb& z) {
  return on_disk(z.disk_type, static_cast<double>(z.size), "ZDB disk");
}

expected<resource_units_used> used_by(const documents::container& c) {
  resource_units_used used;
  used.cru = static_cast<double>(c.capacity.cpu);
  used.mru = round_to(static_cast<double>(c.capacity.memory) / 1024, 10000);
  auto disk = round_to(static_cast<double>(c.capacity.disk_size) / 1024, 10000);
  // The first 50 GiB belong to the container's root and cost nothing.
  disk = std::max(0.0, disk - 50);
  if (c.capacity.disk_type == 0)
    used.hru = disk;
  else if (c.capacity.disk_type == 1)
    used.sru = disk;
  return used;
}

expected<resource_units_used> used_by(const documents::kubernetes& k) {
  auto row
    = k.size > 0 && k.size < 256
        ? workloads::find_kubernetes_size(static_cast<std::uint8_t>(k.size))
        : std::nullopt;
  if (!row)
    return fail(errc::invalid_reservation,
                "K8S VM size " + std::to_string(k.size) + " is not supported");
  resource_units_used used;
  used.cru = static_cast<double>(row->vcpu);
  // The explorer's own table has 5 GiB where nodes give 8.
  used.mru = k.size == 4 ? 5 : static_cast<double>(row->memory);
  used.sru = static_cast<double>(row->disk);
  return used;
}

expected<resource_units_used> used_by(const documents::public_ip&) {
  return resource_units_used{.ipv4u = 1};
}

template <class Other>
expected<resource_units_used> used_by(const Other&) {
  return resource_units_used{};
}

} // namespace

expected<cloud_units> units_of(const documents::workload& w) {
  auto used = std::visit([](const auto& content) { return used_by(content); },
                         w.content);
  if (!used)
    return fail(used.error());
  cloud_units units;
  units.cu = round_to(std::min(used->mru / 4, used->cru / 2), 1000);
  units.su = round_to(used->hru / 1200 + used->sru / 300, 1000);
  units.ipv4 = used->ipv4u;
  return units;
}

} // namespace provision::simulated
