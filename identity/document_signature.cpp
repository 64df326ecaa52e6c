#include "identity/document_signature.hpp"

#include <algorithm>
#include <set>

#include <sodium.h>

#include "identity/ed25519.hpp"
#include "messages/hex.hpp"

namespace provision {

namespace {

constexpr std::string_view delete_word = "delete";

std::string sha256(std::string_view text) {
  std::string digest(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(digest.data()),
                     reinterpret_cast<const unsigned char*>(text.data()),
                     text.size());
  return digest;
}

std::string name_of(const documents::workload& w) {
  return "workload " + documents::global_id(w);
}

bool may_sign(const documents::signing_request& request, std::int64_t tid) {
  return request.signers
         && std::find(request.signers->begin(), request.signers->end(), tid)
              != request.signers->end();
}

/// How far a deletion has come.
struct tally {
  /// Signers that agreed.
  std::int64_t valid = 0;
  /// Signatures that nobody could check for now.
  std::int64_t undecided = 0;
  error first_flaw = {};
  error first_obstacle = {};
};

void count(tally& so_far, const documents::workload& w,
           const documents::signing_signature& given,
           const user_key_lookup& find_key) {
  auto key = find_key(given.tid);
  if (!key && key.error().code != errc::unknown_user) {
    ++so_far.undecided;
    if (!so_far.first_obstacle)
      so_far.first_obstacle = key.error();
    return;
  }
  auto flaw = key ? verify_agreement(w, delete_word, given, *key) : key.error();
  if (!flaw)
    ++so_far.valid;
  else if (!so_far.first_flaw)
    so_far.first_flaw = std::move(flaw);
}

error refuse_deletion(const documents::workload& w, const tally& reached) {
  auto quorum = w.signing_request_delete.quorum_min;
  if (reached.first_obstacle && reached.valid + reached.undecided >= quorum)
    return reached.first_obstacle;
  auto message = name_of(w) + ": deletion has " + std::to_string(reached.valid)
                 + " of " + std::to_string(quorum) + " valid signatures";
  if (reached.first_flaw)
    message += "; " + reached.first_flaw.message;
  return {errc::bad_signature, std::move(message)};
}

} // namespace

std::string customer_signature(const documents::workload& w,
                               const node_key& customer) {
  return hex::encode(customer.sign(sha256(documents::challenge(w))));
}

error verify_customer_signature(const documents::workload& w,
                                std::string_view public_key) {
  return ed25519::check_hex(name_of(w) + ": customer_signature",
                            w.customer_signature,
                            sha256(documents::challenge(w)), public_key);
}

std::string agreement_signature(const documents::workload& w,
                                std::string_view word, std::int64_t tid,
                                const node_key& user) {
  return hex::encode(user.sign(sha256(documents::challenge(w, word, tid))));
}

error verify_agreement(const documents::workload& w, std::string_view word,
                       const documents::signing_signature& given,
                       std::string_view public_key) {
  auto what = name_of(w) + ": ";
  what += word;
  what += " signature of user " + std::to_string(given.tid);
  return ed25519::check_hex(what, given.signature,
                            sha256(documents::challenge(w, word, given.tid)),
                            public_key);
}

error verify_deletion(const documents::workload& w,
                      const user_key_lookup& find_key) {
  const auto& request = w.signing_request_delete;
  if (request.quorum_min <= 0)
    return {errc::bad_signature,
            name_of(w) + ": signatures cannot delete it, quorum_min is "
              + std::to_string(request.quorum_min)};
  tally reached;
  std::set<std::int64_t> seen;
  if (w.signatures_delete)
    for (const auto& given : *w.signatures_delete) {
      if (!may_sign(request, given.tid) || !seen.insert(given.tid).second)
        continue;
      count(reached, w, given, find_key);
      if (reached.valid >= request.quorum_min)
        return {};
    }
  return refuse_deletion(w, reached);
}

} // namespace provision
