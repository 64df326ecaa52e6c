#include "identity/ed25519.hpp"

#include <sodium.h>

#include "identity/sodium/ready.hpp"
#include "messages/hex.hpp"

namespace provision::ed25519 {

namespace {

const unsigned char* data_of(std::string_view bytes) noexcept {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

error refuse(std::string_view what, std::string_view reason) {
  std::string message{what};
  message += ' ';
  message += reason;
  return {errc::bad_signature, std::move(message)};
}

} // namespace

bool matches(std::string_view signature, std::string_view message,
             std::string_view public_key) noexcept {
  return signature.size() == signature_size
         && public_key.size() == public_key_size && sodium_ready()
         && crypto_sign_verify_detached(data_of(signature), data_of(message),
                                        message.size(), data_of(public_key))
              == 0;
}

error check(std::string_view what, std::string_view signature,
            std::string_view message, std::string_view public_key) {
  if (signature.empty())
    return refuse(what, "is missing");
  if (signature.size() != signature_size)
    return refuse(what, "has " + std::to_string(signature.size())
                          + " bytes instead of 64");
  if (public_key.size() != public_key_size)
    return refuse(what, "cannot be checked: wrong key size");
  if (!matches(signature, message, public_key))
    return refuse(what, "does not match");
  return {};
}

error check_hex(std::string_view what, std::string_view hex_signature,
                std::string_view message, std::string_view public_key) {
  auto signature = hex::decode(hex_signature);
  if (!signature)
    return refuse(what, "is not hexadecimal");
  return check(what, *signature, message, public_key);
}

} // namespace provision::ed25519
