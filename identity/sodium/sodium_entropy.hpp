#pragma once

#include "identity/entropy.hpp"

namespace provision {

/// The kernel's random numbers, through libsodium.
class sodium_entropy final : public entropy {
public:
  secret draw(std::size_t size) override;
};

} // namespace provision
