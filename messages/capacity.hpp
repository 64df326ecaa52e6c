#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "messages/error.hpp"
#include "messages/reservation_type.hpp"

namespace provision {

/// The four units of capacity.
enum class resource_units : std::uint8_t { cru, mru, hru, sru };

inline constexpr resource_units resource_units_cru = resource_units::cru;
inline constexpr resource_units resource_units_mru = resource_units::mru;
inline constexpr resource_units resource_units_hru = resource_units::hru;
inline constexpr resource_units resource_units_sru = resource_units::sru;

/// "CRU", "MRU", "HRU", "SRU".
std::string_view to_string(resource_units unit) noexcept;

/// An exact amount of capacity: what a workload takes, what a node has.
struct resources {
  /// Virtual CPUs.
  std::uint64_t cru = 0;
  /// Memory, bytes.
  std::uint64_t mru = 0;
  /// Rotating disk, bytes.
  std::uint64_t hru = 0;
  /// Solid-state disk, bytes.
  std::uint64_t sru = 0;

  std::uint64_t of(resource_units unit) const noexcept;
  bool operator==(const resources&) const = default;
};

/// `a` + `b`, or errc::invalid_reservation if a unit would not fit 64 bits.
expected<resources> checked_add(const resources& a, const resources& b);

/// `a` - `b`, each unit stopping at zero.
resources saturating_subtract(const resources& a, const resources& b) noexcept;

/// Capacity as the explorer takes it: MRU, HRU and SRU in GiB.
struct resource_amount {
  std::uint64_t cru = 0;
  double mru = 0;
  double hru = 0;
  double sru = 0;

  bool operator==(const resource_amount&) const = default;
};

resource_amount to_resource_amount(const resources& exact) noexcept;

/// Number of workloads per kind, as the explorer takes it.
struct workload_amount {
  std::uint16_t network = 0;
  std::uint16_t network_resource = 0;
  std::uint16_t volume = 0;
  std::uint16_t zdb_namespace = 0;
  std::uint16_t container = 0;
  std::uint16_t k8s_vm = 0;
  std::uint16_t proxy = 0;
  std::uint16_t reverse_proxy = 0;
  std::uint16_t subdomain = 0;
  std::uint16_t delegate_domain = 0;

  bool operator==(const workload_amount&) const = default;
};

/// The numbers of the Counters stream.
struct provision_counters {
  std::int64_t container = 0;
  std::int64_t volume = 0;
  std::int64_t network = 0;
  std::int64_t zdb = 0;
  std::int64_t vm = 0;
  std::int64_t debug = 0;

  bool operator==(const provision_counters&) const = default;
};

} // namespace provision
