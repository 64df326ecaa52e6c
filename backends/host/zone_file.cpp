#include "backends/host/zone_file.hpp"

#include <charconv>

namespace provision {

namespace {

using workloads::ip_address;

constexpr std::string_view serial_line = "; serial ";
/// Seconds that others may keep what they asked, as in the original.
constexpr std::string_view record_life = " 3600 IN ";

std::string record(const std::string& name, const ip_address& ip) {
  return name + '.' + std::string{record_life}
         + (ip.family == ip_address::kind::v4 ? "A " : "AAAA ") + to_string(ip)
         + '\n';
}

} // namespace

std::string own_mark(std::string_view comment, std::string_view node_id) {
  return std::string{comment} + " provisiond " + std::string{node_id}
         + ": what is changed here is lost\n";
}

std::string zone_text(const dns_zone& zone, const zone_terms& terms,
                      std::uint32_t serial) {
  const auto number = std::to_string(serial);
  const auto apex = zone.domain + '.';
  auto out = own_mark(";", terms.node_id) + std::string{serial_line} + number
             + "\n$TTL 3600\n" + apex + " IN SOA " + terms.name_servers.front()
             + ". hostmaster." + apex + ' ' + number
             + " 3600 600 1209600 300\n";
  for (const auto& server : terms.name_servers)
    out += apex + " IN NS " + server + ".\n";
  out += "__owner__." + apex + " 600 IN TXT \"{\\\"identity\\\":\\\""
         + terms.node_id + "\\\",\\\"owner\\\":\\\""
         + (zone.owner.empty() ? terms.node_id : zone.owner) + "\\\"}\"\n";
  for (const auto& [name, addresses] : zone.names)
    for (const auto& one : addresses)
      out += record(name, one);
  return out;
}

std::uint32_t serial_of(std::string_view text, const std::string& node_id) {
  const auto mark = own_mark(";", node_id);
  if (!text.starts_with(mark))
    return 0;
  text.remove_prefix(mark.size());
  if (!text.starts_with(serial_line))
    return 0;
  text.remove_prefix(serial_line.size());
  std::uint32_t serial = 0;
  std::from_chars(text.data(), text.data() + text.size(), serial);
  return serial;
}

std::string bind_list(const std::vector<dns_zone>& zones,
                      const std::string& folder, const std::string& node_id) {
  auto out = own_mark("//", node_id);
  for (const auto& zone : zones)
    out += "zone \"" + zone.domain + "\" { type master; file \"" + folder + '/'
           + zone_file_name(zone.domain) + "\"; };\n";
  return out;
}

std::string nsd_list(const std::vector<dns_zone>& zones,
                     const std::string& folder, const std::string& node_id) {
  auto out = own_mark("#", node_id);
  for (const auto& zone : zones)
    out += "zone:\n  name: \"" + zone.domain + "\"\n  zonefile: \"" + folder
           + '/' + zone_file_name(zone.domain) + "\"\n";
  return out;
}

std::string zone_file_name(std::string_view domain) {
  return std::string{domain} + ".zone";
}

} // namespace provision
