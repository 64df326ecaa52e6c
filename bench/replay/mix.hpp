#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "messages/error.hpp"
#include "messages/reservation_type.hpp"

namespace provision::bench {

/// The share of one type in a generated stream.
struct type_share {
  reservation_type type = {};
  std::uint32_t weight = 0;
};

using type_mix = std::vector<type_share>;

inline constexpr std::string_view default_mix
  = "volume=40,zdb=20,container=20,network_resource=10,kubernetes=10";

/// "volume=40,zdb=20": weights above zero, of the types that can be generated.
/// errc::invalid_configuration names the part that is wrong.
expected<type_mix> read_mix(std::string_view text);

} // namespace provision::bench
