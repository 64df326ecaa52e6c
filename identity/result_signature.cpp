#include "identity/result_signature.hpp"

#include "identity/ed25519.hpp"
#include "messages/hex.hpp"

namespace provision {

error sign(result& r, const signer& node) {
  auto signature = node.sign(r.bytes());
  if (!signature)
    return signature.error();
  r.signature = hex::encode(*signature);
  return {};
}

error verify(const result& r, std::string_view node_public_key) {
  return ed25519::check_hex("result " + r.id + ": signature", r.signature,
                            r.bytes(), node_public_key);
}

} // namespace provision
