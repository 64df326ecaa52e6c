
#include "messages/byte_units.hpp"
#include "messages/reservation.hpp"

#include <utility>
#include <variant>

namespace provision {

namespace {

using workloads::disk_type;

/// A size as the type's schema gives it.
struct sized_field {
  std::string_view name = {};
  std::uint64_t count = 0;
  /// Bytes.
  std::uint64_t unit = 1;
};

error add_bytes(std::uint64_t& sum, const sized_field& field) {
  std::uint64_t bytes = 0;
  if (__builtin_mul_overflow(field.count, field.unit, &bytes)
      || __builtin_add_overflow(sum, bytes, &sum))
    return {errc::invalid_reservation, std::string{field.name} + ": "
                                         + std::to_string(field.count)
                                         + " does not fit 64 bits of bytes"};
  return {};
}

error add_disk(resources& need, disk_type type, const sized_field& field) {
  switch (type) {
  case disk_type::hdd:
    return add_bytes(need.hru, field);
  case disk_type::ssd:
    return add_bytes(need.sru, field);
  }
  // A name that the node's own form may carry and no disk has: the original
  // counts no disk for it, and no provisioner accepts it.
  return {};
}

/// What each type takes. Types without an overload's own numbers take nothing.
struct resource_reader {
  resources& need;

  template <class T>
  error operator()(const T&) const {
    return {};
  }

  error operator()(const workloads::volume& v) const {
    return add_disk(need, v.type, {"size", v.size, gib});
  }

  error operator()(const workloads::zdb& z) const {
    return add_disk(need, z.disk_type, {"size", z.size, gib});
  }

  error operator()(const workloads::container& c) const {
    const auto& [cpu, memory, type, disk_size] = c.capacity;
    need.cru = cpu;
    if (auto wrong = add_bytes(need.mru, {"capacity.memory", memory, mib}))
      return wrong;
    return add_disk(need, type, {"capacity.disk_size", disk_size, mib});
  }

  error operator()(const workloads::kubernetes& k) const {
    auto size = workloads::find_kubernetes_size(k.size);
    if (!size)
      return {errc::invalid_reservation,
              "unsupported vm size " + std::to_string(k.size)
                + ", only size 1 to 18 are supported"};
    need = {size->vcpu, size->memory * gib, 0, size->disk * gib};
    return {};
  }
};

} // namespace

expected<resources> resources_of(const reservation& r) {
  if (r.data_error)
    return fail(r.data_error);
  resources need;
  if (auto wrong = std::visit(resource_reader{need}, r.workload)) {
    wrong.message.insert(0, "reservation " + r.id + ": ");
    return fail(std::move(wrong));
  }
  return need;
}

} // namespace provision
