#include "identity/secret_box.hpp"

#include <cstddef>

#include <sodium.h>

#include "identity/ed25519.hpp"
#include "identity/sodium/ready.hpp"
#include "messages/hex.hpp"

namespace provision::secret_box {

namespace {

constexpr std::size_t curve_key_size = crypto_scalarmult_curve25519_BYTES;

unsigned char* data_of(std::string& bytes) noexcept {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

const unsigned char* data_of(std::string_view bytes) noexcept {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

const unsigned char* data_of(const secret& bytes) noexcept {
  return data_of(bytes.reveal());
}

tl::unexpected<error> refuse(std::string reason) {
  return fail(errc::malformed_input, std::move(reason));
}

/// BLAKE2b-256 of the X25519 point that both sides can compute.
expected<secret> shared_key(const node_key& own, std::string_view other) {
  auto own_curve = curve_private_key(own);
  if (!own_curve)
    return own_curve;
  auto other_curve = curve_public_key(other);
  if (!other_curve)
    return fail(other_curve.error());
  std::string point(curve_key_size, '\0');
  if (crypto_scalarmult_curve25519(data_of(point), data_of(*own_curve),
                                   data_of(*other_curve))
      != 0)
    return refuse("public key is of small order");
  std::string key(crypto_secretbox_KEYBYTES, '\0');
  crypto_generichash(data_of(key), key.size(), data_of(point), point.size(),
                     nullptr, 0);
  wipe(point);
  return secret::absorb(key);
}

/// The nonce of a sealed box, which is not sent.
std::string sealed_nonce(std::string_view ephemeral,
                         std::string_view receiver) {
  std::string both{ephemeral};
  both += receiver;
  std::string nonce(crypto_box_NONCEBYTES, '\0');
  crypto_generichash(data_of(nonce), nonce.size(), data_of(both), both.size(),
                     nullptr, 0);
  return nonce;
}

} // namespace

expected<secret> curve_private_key(const node_key& pair) {
  std::string key(curve_key_size, '\0');
  if (!sodium_ready()
      || crypto_sign_ed25519_sk_to_curve25519(data_of(key),
                                              data_of(pair.private_key()))
           != 0)
    return refuse("private key cannot be converted");
  return secret::absorb(key);
}

expected<std::string> curve_public_key(std::string_view ed25519_public_key) {
  if (ed25519_public_key.size() != ed25519::public_key_size)
    return refuse("public key: wrong key size");
  std::string key(curve_key_size, '\0');
  if (!sodium_ready()
      || crypto_sign_ed25519_pk_to_curve25519(data_of(key),
                                              data_of(ed25519_public_key))
           != 0)
    return refuse("public key is not a point of the curve");
  return key;
}

// Done step by step rather than with crypto_box_seal, whose ephemeral key would
// not come from `random`.
expected<std::string> seal(std::string_view plain, std::string_view receiver,
                           entropy& random) {
  auto curve = curve_public_key(receiver);
  if (!curve)
    return curve;
  auto ephemeral = random.draw(curve_key_size);
  std::string box(curve_key_size, '\0');
  if (crypto_scalarmult_curve25519_base(data_of(box), data_of(ephemeral)) != 0)
    return refuse("ephemeral key is unusable");
  auto nonce = sealed_nonce(box, *curve);
  box.resize(crypto_box_SEALBYTES + plain.size());
  if (crypto_box_easy(data_of(box) + curve_key_size, data_of(plain),
                      plain.size(), data_of(nonce), data_of(*curve),
                      data_of(ephemeral))
      != 0)
    return refuse("public key is of small order");
  return box;
}

expected<secret> open_sealed(std::string_view box, const node_key& receiver) {
  if (box.size() < crypto_box_SEALBYTES)
    return refuse("invalid cipher text too short");
  auto private_half = curve_private_key(receiver);
  if (!private_half)
    return private_half;
  auto public_half = curve_public_key(receiver.public_key());
  if (!public_half)
    return fail(public_half.error());
  std::string plain(box.size() - crypto_box_SEALBYTES, '\0');
  if (crypto_box_seal_open(data_of(plain), data_of(box), box.size(),
                           data_of(*public_half), data_of(*private_half))
      != 0)
    return refuse("cipher text was not made for this key");
  return secret::absorb(plain);
}

expected<std::string> encrypt(std::string_view plain, const node_key& sender,
                              std::string_view receiver, entropy& random) {
  auto key = shared_key(sender, receiver);
  if (!key)
    return fail(key.error());
  std::string box{random.draw(crypto_secretbox_NONCEBYTES).reveal()};
  box.resize(crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES
             + plain.size());
  crypto_secretbox_easy(data_of(box) + crypto_secretbox_NONCEBYTES,
                        data_of(plain), plain.size(), data_of(box),
                        data_of(*key));
  return box;
}

expected<secret> decrypt(std::string_view box, const node_key& receiver,
                         std::string_view sender) {
  if (box.size() < crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES)
    return refuse("invalid cipher text too short");
  auto key = shared_key(receiver, sender);
  if (!key)
    return key;
  auto nonce = box.substr(0, crypto_secretbox_NONCEBYTES);
  auto cipher = box.substr(crypto_secretbox_NONCEBYTES);
  std::string plain(cipher.size() - crypto_secretbox_MACBYTES, '\0');
  if (crypto_secretbox_open_easy(data_of(plain), data_of(cipher), cipher.size(),
                                 data_of(nonce), data_of(*key))
      != 0)
    return refuse("cipher text was not made between these keys");
  return secret::absorb(plain);
}

expected<secret> decrypt_text(std::int64_t version, std::string_view text,
                              const node_key& node,
                              std::string_view user_public_key) {
  if (text.empty())
    return secret{};
  auto box = hex::decode(text);
  if (!box)
    return refuse("cipher text is not hexadecimal");
  return version == 0 ? open_sealed(*box, node)
                      : decrypt(*box, node, user_public_key);
}

} // namespace provision::secret_box
