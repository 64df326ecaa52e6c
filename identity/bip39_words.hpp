#pragma once

#include <array>
#include <string_view>

namespace provision {

/// BIP-39's English list: its words stand for the numbers 0 to 2047, in
/// alphabetical order.
extern const std::array<std::string_view, 2048> bip39_words;

} // namespace provision
