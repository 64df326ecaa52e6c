#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "identity/node_key.hpp"
#include "messages/documents/document.hpp"
#include "messages/error.hpp"

/// Signatures under workload documents: hex of ed25519 over the SHA-256 of the
/// document's challenge.
namespace provision {

/// The raw 32-byte public key of user `tid`, or why there is none.
using user_key_lookup = std::function<expected<std::string>(std::int64_t tid)>;

/// What the customer puts into customer_signature.
std::string customer_signature(const documents::workload& w,
                               const node_key& customer);

/// errc::bad_signature, naming the workload and what is wrong, unless
/// w.customer_signature was made with the key whose raw public half is given.
/// The original explorer replaces the epoch after the customer signed, so the
/// documents that it hands out do not pass.
error verify_customer_signature(const documents::workload& w,
                                std::string_view public_key);

/// What user `tid` puts into signatures_delete ("delete") or
/// signatures_provision ("provision") of the document as the explorer shows it.
std::string agreement_signature(const documents::workload& w,
                                std::string_view word, std::int64_t tid,
                                const node_key& user);

/// errc::bad_signature unless `given` is a signature as made by
/// agreement_signature() for given.tid. Whether it was asked for is not looked
/// at.
error verify_agreement(const documents::workload& w, std::string_view word,
                       const documents::signing_signature& given,
                       std::string_view public_key);

/// Nothing if the workload's signers agreed to its deletion: at least
/// quorum_min of them, and quorum_min is above zero. The first signature of
/// each signer counts, those of others do not. errc::bad_signature with the
/// count and the first flaw if it fell short; but the lookup's own error, if it
/// was another than unknown_user and those signatures could have made up the
/// quorum: then ask again later.
error verify_deletion(const documents::workload& w,
                      const user_key_lookup& find_key);

} // namespace provision
