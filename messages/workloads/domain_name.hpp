#pragma once

#include <string>
#include <string_view>

#include "messages/error.hpp"

namespace provision::workloads {

/// A domain name as it may stand in a zone or a server's configuration: in
/// lower case, without a dot at the end, labels of letters, digits and inner
/// hyphens (RFC 1123), at least two of them, at most 63 bytes each and 253
/// together, the last one not of digits alone. errc::invalid_reservation says
/// what `text` breaks; nothing of it is repeated that could not be shown.
expected<std::string> parse_domain(std::string_view text);

/// Whether `name` is `domain` or a name in it.
bool is_in_domain(std::string_view name, std::string_view domain) noexcept;

} // namespace provision::workloads
