#pragma once

#include <cstdint>
#include <string_view>

namespace provision::simulation {

/// FNV-1a, 64 bits; `seed` chains.
constexpr std::uint64_t hash_of(std::string_view bytes,
                                std::uint64_t seed = 0xcbf29ce484222325U) {
  for (const char byte : bytes) {
    seed ^= static_cast<unsigned char>(byte);
    seed *= 0x100000001b3U;
  }
  return seed;
}

/// The only source of chance in a simulation: the same numbers for the same
/// seed on every machine (splitmix64; the standard library's distributions
/// are not portable).
class chance {
public:
  explicit chance(std::uint64_t seed) : state_{seed} {}

  std::uint64_t next() {
    auto z = state_ += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }

  /// Uniform in [0, limit); 0 for a limit of 0.
  std::uint64_t below(std::uint64_t limit) {
    return limit == 0 ? 0 : next() % limit;
  }

  /// Uniform in [low, high].
  std::uint64_t between(std::uint64_t low, std::uint64_t high) {
    return low + below(high - low + 1);
  }

  bool one_in(std::uint64_t n) { return below(n) == 0; }
  bool percent(std::uint64_t n) { return below(100) < n; }

  /// Uniform in [0, 1).
  double unit() { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }

  /// Another row of numbers that depends on this one's seed and `name` only:
  /// what is drawn from one does not change the other.
  chance branch(std::string_view name) const {
    return chance{hash_of(name, state_ * 0x100000001b3U + 7)};
  }

private:
  std::uint64_t state_;
};

} // namespace provision::simulation
