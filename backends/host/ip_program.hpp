#pragma once

#include <string>
#include <vector>

#include "backends/host/ip_facts.hpp"
#include "messages/error.hpp"

/// What the program ip says and does inside a network namespace, whose empty
/// name is the one that this process is in. `ip`: its absolute path. Blocks.
namespace provision::ip_program {

/// All interfaces with their addresses.
expected<std::vector<link_facts>> links(const std::string& ip,
                                        const std::string& space);

/// What it says to several questions about IPv6 in one run: a list of JSON for
/// each, in their order. errc::backend_failure if one is missing.
expected<std::vector<std::string>>
ipv6_answers(const std::string& ip, const std::string& space,
             const std::vector<std::string>& questions);

/// Carries out lines as `ip -batch` reads them, up to the first that fails.
error batch(const std::string& ip, const std::string& space,
            const std::string& lines);

} // namespace provision::ip_program
