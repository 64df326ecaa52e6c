#pragma once

#include "identity/secret.hpp"
#include "messages/error.hpp"

/// A 32-byte seed as 24 English words: BIP-39 without its password stretching,
/// so the words stand for the seed itself.
namespace provision::mnemonic {

/// 24 words with a blank between them; errc::malformed_input unless `seed` has
/// 32 bytes.
expected<secret> encode(const secret& seed);

/// The reverse; any white space separates. errc::malformed_input for another
/// number of words, for a foreign word (named by its place, as the words are
/// secret) and for a wrong checksum.
expected<secret> decode(const secret& words);

} // namespace provision::mnemonic
