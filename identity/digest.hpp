#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace provision {

inline constexpr std::size_t digest_size = 32;

/// BLAKE2b of `bytes`, raw 32 bytes. Thread-safe.
std::string digest(std::string_view bytes);

} // namespace provision
