#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "identity/entropy.hpp"
#include "identity/secret.hpp"
#include "messages/error.hpp"

/// Small files that only their owner may see.
namespace provision::private_file {

/// What the file at `path` holds. errc::identity_unusable, with errno as the
/// detail (ENOENT if there is no file), if it cannot be read, is a symbolic
/// link or no regular file, belongs to neither this user nor root, is open to
/// group or others in any way, or has more than `size_max` bytes; the message
/// names the remedy where there is one.
expected<secret> read(const std::string& path, std::size_t size_max);

/// Creates the file at `path` with mode 0600 and `bytes` in it: after a crash
/// it is there whole and synced, or not at all. errc::already_exists rather
/// than touching a file that is there; errc::identity_unusable, with errno as
/// the detail, for everything else. `random` names the temporary file.
error create(const std::string& path, std::string_view bytes, entropy& random);

} // namespace provision::private_file
