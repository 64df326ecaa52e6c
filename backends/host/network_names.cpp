#include "backends/host/network_names.hpp"

#include <array>
#include <cstdint>
#include <cstdlib>

#include <openssl/evp.h>

namespace provision {

namespace {

/// 13 characters that stand for a text: the first 65 bits of its SHA-256. The
/// kernel allows interface names of 15 bytes.
std::string short_name(std::string_view text) {
  constexpr std::string_view digits = "abcdefghijklmnopqrstuvwxyz234567";
  constexpr std::size_t length = 13;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(),
                 nullptr)
      != 1)
    std::abort();
  std::string name;
  std::uint32_t bits = 0;
  int held = 0;
  for (std::size_t at = 0; name.size() < length;) {
    if (held < 5) {
      bits = (bits << 8U) | digest.at(at++);
      held += 8;
    }
    held -= 5;
    name += digits[(bits >> static_cast<unsigned>(held)) & 31U];
  }
  return name;
}

} // namespace

network_names::network_names(std::string_view node_id,
                             std::string_view network_id)
  : node_{short_name(node_id)}, key_{std::string{node_id} + '/'} {
  key_ += network_id;
  router = "provision-" + node_ + "-net-" + std::string{network_id};
  tag = "provision node " + std::string{node_id} + " network "
        + std::string{network_id};
  tunnel = "pw" + short_name(key_);
}

std::string network_names::member_space(std::string_view member) const {
  return "provision-" + node_ + "-" + std::string{member};
}

std::string network_names::cable(std::string_view member) const {
  return "pv" + short_name(key_ + '/' + std::string{member});
}

ipv6_gateway_names::ipv6_gateway_names(std::string_view node_id)
  : space{"provision-" + short_name(node_id) + "-gateway4to6"},
    tag{"provision node " + std::string{node_id} + " gateway4to6"} {
  const auto own = short_name(std::string{node_id} + "/gateway4to6");
  tunnel = "p4" + own;
  port = "p6" + own;
}

std::string public_port_name(std::string_view node_id, std::string_view id) {
  return "pp" + short_name(std::string{node_id} + "/public/" + std::string{id});
}

std::string public_table_name(std::string_view node_id) {
  return "provision_" + short_name(node_id);
}

} // namespace provision
