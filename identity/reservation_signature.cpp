#include "identity/reservation_signature.hpp"

#include <string>

#include "identity/ed25519.hpp"
#include "identity/node_key.hpp"

namespace provision {

namespace {

constexpr std::size_t go_private_key_size
  = ed25519::seed_size + ed25519::public_key_size;

std::string signed_bytes(const reservation& r) {
  return r.node_id + r.user_id + r.type.name + r.data;
}

} // namespace

error sign(reservation& r, const secret& key) {
  auto is_go_form = key.size() == go_private_key_size;
  auto user = node_key::from_seed(
    is_go_form ? secret{key.reveal().substr(0, ed25519::seed_size)} : key);
  if (!user)
    return user.error();
  r.signature = user->sign(signed_bytes(r));
  return {};
}

error verify(const reservation& r) {
  auto key = public_key_of_node_id(r.user_id);
  if (!key)
    return {errc::bad_signature,
            "reservation " + r.id + ": user_id is not a key"};
  return ed25519::check("reservation " + r.id + ": signature", r.signature,
                        signed_bytes(r), *key);
}

} // namespace provision
