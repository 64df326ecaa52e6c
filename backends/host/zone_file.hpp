#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "backends/host/gateway_rules.hpp"

namespace provision {

/// What the zones of one node have in common.
struct zone_terms {
  std::string node_id = {};
  /// The primary first; at least one.
  std::vector<std::string> name_servers = {};
};

/// A zone as text that DNS servers read (RFC 1035, 5): SOA, NS, a TXT record
/// __owner__ as the original has it, and A and AAAA records. Names are made by
/// parse_domain(), so that nothing in them means anything to a parser.
std::string zone_text(const dns_zone& zone, const zone_terms& terms,
                      std::uint32_t serial);

/// The serial number in what zone_text() made for this node; 0 if it was not.
std::uint32_t serial_of(std::string_view text, const std::string& node_id);

/// The zones as parts of the configuration of BIND, and of NSD; `folder`: of
/// their files.
std::string bind_list(const std::vector<dns_zone>& zones,
                      const std::string& folder, const std::string& node_id);
std::string nsd_list(const std::vector<dns_zone>& zones,
                     const std::string& folder, const std::string& node_id);

/// "example.com.zone".
std::string zone_file_name(std::string_view domain);

/// The line that every file of this node begins with, behind `comment`.
std::string own_mark(std::string_view comment, std::string_view node_id);

} // namespace provision
