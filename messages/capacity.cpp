#include "messages/capacity.hpp"

namespace provision {

namespace {

constexpr double bytes_per_gib = 1024.0 * 1024.0 * 1024.0;

std::uint64_t subtract(std::uint64_t a, std::uint64_t b) noexcept {
  return a > b ? a - b : 0;
}

} // namespace

std::string_view to_string(resource_units unit) noexcept {
  switch (unit) {
  case resource_units::cru:
    return "CRU";
  case resource_units::mru:
    return "MRU";
  case resource_units::hru:
    return "HRU";
  case resource_units::sru:
    return "SRU";
  }
  return "UNKNOWN";
}

std::uint64_t resources::of(resource_units unit) const noexcept {
  switch (unit) {
  case resource_units::cru:
    return cru;
  case resource_units::mru:
    return mru;
  case resource_units::hru:
    return hru;
  case resource_units::sru:
    return sru;
  }
  return 0;
}

expected<resources> checked_add(const resources& a, const resources& b) {
  resources sum;
  auto overflow = [](resource_units unit) {
    return fail(errc::invalid_reservation,
                std::string{to_string(unit)} + " does not fit 64 bits");
  };
  if (__builtin_add_overflow(a.cru, b.cru, &sum.cru))
    return overflow(resource_units_cru);
  if (__builtin_add_overflow(a.mru, b.mru, &sum.mru))
    return overflow(resource_units_mru);
  if (__builtin_add_overflow(a.hru, b.hru, &sum.hru))
    return overflow(resource_units_hru);
  if (__builtin_add_overflow(a.sru, b.sru, &sum.sru))
    return overflow(resource_units_sru);
  return sum;
}

resources saturating_subtract(const resources& a, const resources& b) noexcept {
  return {subtract(a.cru, b.cru), subtract(a.mru, b.mru),
          subtract(a.hru, b.hru), subtract(a.sru, b.sru)};
}

resource_amount to_resource_amount(const resources& exact) noexcept {
  auto gib
    = [](std::uint64_t n) { return static_cast<double>(n) / bytes_per_gib; };
  return {exact.cru, gib(exact.mru), gib(exact.hru), gib(exact.sru)};
}

} // namespace provision
