#include "messages/workloads/kubernetes.hpp"

#include <array>

namespace provision::workloads {

namespace {

/// Index: the size less one.
constexpr std::array<kubernetes_size, 18> sizes{{
  {1, 2, 50},
  {2, 4, 100},
  {2, 8, 25},
  {2, 8, 50},
  {2, 8, 200},
  {4, 16, 50},
  {4, 16, 100},
  {4, 16, 400},
  {8, 32, 100},
  {8, 32, 200},
  {8, 32, 800},
  {1, 64, 200},
  {1, 64, 400},
  {1, 64, 800},
  {1, 2, 25},
  {2, 4, 50},
  {4, 8, 50},
  {1, 1, 25},
}};

} // namespace

std::optional<kubernetes_size>
find_kubernetes_size(std::uint8_t size) noexcept {
  if (size < 1 || size > sizes.size())
    return std::nullopt;
  return sizes[size - 1U];
}

} // namespace provision::workloads
