#pragma once

#include <cstdint>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "identity/entropy.hpp"
#include "identity/node_key.hpp"
#include "messages/hex.hpp"

namespace provision {

/// Random numbers that are the same in every run.
class seeded_entropy final : public entropy {
public:
  explicit seeded_entropy(std::uint64_t seed) : generator_{seed} {}

  secret draw(std::size_t size) override {
    std::string bytes;
    while (bytes.size() < size)
      bytes += static_cast<char>(generator_() & 0xFFU);
    return secret{bytes};
  }

private:
  std::mt19937_64 generator_;
};

/// Hands out the same bytes again and again.
class fixed_entropy final : public entropy {
public:
  explicit fixed_entropy(std::string bytes) : bytes_{std::move(bytes)} {}

  secret draw(std::size_t size) override {
    return secret{std::string_view{bytes_}.substr(0, size)};
  }

private:
  std::string bytes_;
};

inline node_key key_of(std::string_view seed) {
  return node_key::from_seed(secret{seed}).value();
}

/// The node and the user (number 7) of the protocol's test vectors.
inline node_key the_node() {
  return key_of("helloworldhelloworldhelloworld12");
}
inline node_key the_user() {
  return key_of("12345678901234567890123456789012");
}

/// The rows of a golden file, split at tabs.
inline std::vector<std::vector<std::string>>
golden_rows(const std::string& name) {
  std::ifstream file{"tests/golden/identity/" + name};
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(file, line);) {
    std::istringstream cells{line};
    auto& row = rows.emplace_back();
    for (std::string cell; std::getline(cells, cell, '\t');)
      row.push_back(cell);
  }
  return rows;
}

} // namespace provision
