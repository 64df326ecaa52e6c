#include "identity/wireguard_key.hpp"

#include <sodium.h>

#include "identity/sodium/ready.hpp"
#include "messages/base64.hpp"

namespace provision::wireguard_key {

namespace {

constexpr std::size_t key_size = crypto_scalarmult_curve25519_BYTES;

} // namespace

expected<std::string> parse_public(std::string_view text) {
  const auto bytes = base64::decode(text);
  if (!bytes || bytes->size() != key_size)
    return fail(errc::malformed_input, "is no WireGuard key");
  return base64::encode(*bytes);
}

expected<std::string> public_of(const secret& private_key) {
  auto bytes = base64::decode(private_key.reveal());
  if (!bytes || bytes->size() != key_size || !sodium_ready())
    return fail(errc::malformed_input, "is no WireGuard key");
  const auto scalar = secret::absorb(*bytes);
  std::string point(key_size, '\0');
  if (crypto_scalarmult_curve25519_base(
        reinterpret_cast<unsigned char*>(point.data()),
        reinterpret_cast<const unsigned char*>(scalar.reveal().data()))
      != 0)
    return fail(errc::malformed_input, "is no WireGuard key");
  return base64::encode(point);
}

} // namespace provision::wireguard_key
