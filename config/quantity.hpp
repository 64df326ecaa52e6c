#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "messages/error.hpp"

/// Numbers with a unit, as the configuration writes them.
namespace provision::config {

/// "250ms", "10s", "5m", "1h" -> the duration. errc::invalid_configuration for
/// any other shape and for what 64 bits of milliseconds cannot hold.
expected<std::chrono::milliseconds> parse_duration(std::string_view text);

/// The shortest whole form: 10000 ms -> "10s", 0 -> "0s".
std::string format_duration(std::chrono::milliseconds span);

/// "512KiB", "64MiB", "2GiB", "1TiB" -> bytes. errc::invalid_configuration for
/// any other shape and for what 64 bits cannot hold.
expected<std::uint64_t> parse_size(std::string_view text);

/// The shortest whole form of a multiple of 1 KiB: 67108864 -> "64MiB",
/// 0 -> "0GiB"; other numbers in bytes, "1000 bytes", for messages only.
std::string format_size(std::uint64_t bytes);

} // namespace provision::config
