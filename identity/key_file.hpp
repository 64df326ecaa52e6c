#pragma once

#include <string>

#include "identity/entropy.hpp"
#include "identity/node_key.hpp"
#include "messages/error.hpp"

namespace provision {

/// The key pair in the file at `path`, in either of the original's formats:
/// the JSON string "1.0.0" followed by the 32 raw bytes of the seed, or "1.1.0"
/// followed by {"mnemonic":"<24 words>"}. errc::identity_unusable, naming the
/// path and the remedy, for a file that is missing (detail ENOENT), open to
/// others, foreign, a symbolic link or malformed.
expected<node_key> load_key_file(const std::string& path);

/// Creates the file at `path`, mode 0600, with the seed of `key` in the format
/// "1.0.0". After a crash it is there whole or not at all.
/// errc::already_exists if there is a file, which then stays as it is.
error create_key_file(const std::string& path, const node_key& key,
                      entropy& random);

/// The key pair in the file at `path`; at the first start a new one, which is
/// on disk before this returns. Several starts at once agree on one key.
expected<node_key> load_or_create_key_file(const std::string& path,
                                           entropy& random);

} // namespace provision
