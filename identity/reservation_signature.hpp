#pragma once

#include "identity/secret.hpp"
#include "messages/error.hpp"
#include "messages/reservation.hpp"

/// The original's Reservation.Sign and Verify: for reservations in the node's
/// own form, whose user is named by a key rather than by a number.
namespace provision {

/// Fills `r.signature` with the raw 64-byte signature over node_id, user_id,
/// type and data, in a row. `key` is the user's 32-byte seed, or seed and
/// public key in a row as Go keeps them; errc::malformed_input for any other
/// length. The signature will verify if `r.user_id` is base58 of that public
/// key.
error sign(reservation& r, const secret& key);

/// errc::bad_signature, naming the reservation and what is wrong, unless `r`
/// carries a signature as made by sign().
error verify(const reservation& r);

} // namespace provision
