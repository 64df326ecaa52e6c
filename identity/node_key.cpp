#include "identity/node_key.hpp"

#include <utility>

#include <sodium.h>

#include "identity/ed25519.hpp"
#include "identity/sodium/ready.hpp"
#include "messages/base58.hpp"

namespace provision {

namespace {

/// No 32 bytes need more base58 digits than this.
constexpr std::size_t node_id_size_max = 44;

unsigned char* data_of(std::string& bytes) noexcept {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

const unsigned char* data_of(std::string_view bytes) noexcept {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

} // namespace

expected<node_key> node_key::from_seed(const secret& seed) {
  if (seed.size() != ed25519::seed_size)
    return fail(errc::malformed_input, "seed has " + std::to_string(seed.size())
                                         + " bytes instead of 32");
  if (!sodium_ready())
    return fail(errc::identity_unusable, "libsodium does not work here");
  node_key key;
  std::string private_key(crypto_sign_SECRETKEYBYTES, '\0');
  key.public_key_.resize(crypto_sign_PUBLICKEYBYTES);
  crypto_sign_seed_keypair(data_of(key.public_key_), data_of(private_key),
                           data_of(seed.reveal()));
  key.seed_ = seed;
  key.private_key_ = secret::absorb(private_key);
  key.node_id_ = base58::encode(key.public_key_);
  return key;
}

std::string node_key::sign(std::string_view message) const {
  std::string signature(ed25519::signature_size, '\0');
  crypto_sign_detached(data_of(signature), nullptr, data_of(message),
                       message.size(), data_of(private_key_.reveal()));
  return signature;
}

ed25519_signer::ed25519_signer(node_key key) : key_{std::move(key)} {
}

expected<std::string> ed25519_signer::sign(std::string_view message) const {
  return key_.sign(message);
}

expected<std::string> public_key_of_node_id(std::string_view id) {
  // Decoding takes quadratic time, and ids come from outside.
  if (id.size() > node_id_size_max)
    return fail(errc::malformed_input, "node id: wrong key size");
  auto key = base58::decode(id);
  if (!key)
    return fail(errc::malformed_input, "node id: " + key.error().message);
  if (key->size() != ed25519::public_key_size)
    return fail(errc::malformed_input, "node id: wrong key size");
  return key;
}

} // namespace provision
