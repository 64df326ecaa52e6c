#pragma once

#include <string>

#include "messages/error.hpp"

namespace provision {

/// "sha256-0f...", fit for a folder's name: the manifest that a tag of an OCI
/// layout stands for. errc::invalid_reservation if the layout has none.
expected<std::string> digest_in_layout(const std::string& layout,
                                       const std::string& tag);

/// "sha256-" and 64 hexadecimal digits.
bool is_plain_digest(const std::string& text);

/// errc::invalid_reservation if the image's manifest or configuration, which
/// programs read into memory as a whole, is larger than a reasonable one.
error check_sizes_in_layout(const std::string& layout,
                            const std::string& digest);

/// Whether the files from which the names of users and groups are read lead
/// elsewhere: umoci follows the links of an image as if its root were the
/// host's, so what it found may be users of the host.
bool users_lead_out(const std::string& root);

} // namespace provision
