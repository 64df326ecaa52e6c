#pragma once

#include <string_view>

#include "identity/signer.hpp"
#include "messages/error.hpp"
#include "messages/result.hpp"

namespace provision {

/// Fills `r.signature` with the hex signature over r.bytes(); the signer's
/// error if it has one, then `r` stays as it is.
error sign(result& r, const signer& node);

/// errc::bad_signature, naming the result's id and what is wrong, unless `r`
/// was signed with the key whose raw 32-byte public half is given.
error verify(const result& r, std::string_view node_public_key);

} // namespace provision
