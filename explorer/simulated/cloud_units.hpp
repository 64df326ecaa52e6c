#pragma once

#include "messages/documents/document.hpp"
#include "messages/error.hpp"

namespace provision::simulated {

/// What pools are counted in. Of a workload: units; of a pool: unit seconds.
struct cloud_units {
  double cu = 0;
  double su = 0;
  double ipv4 = 0;

  bool operator==(const cloud_units&) const = default;
};

/// What a workload takes of its pool. errc::invalid_reservation for sizes and
/// disk types that the original has no price for.
expected<cloud_units> units_of(const documents::workload& w);

} // namespace provision::simulated
