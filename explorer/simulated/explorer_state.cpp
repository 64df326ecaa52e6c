#include "explorer/simulated/explorer_state.hpp"

#include <cctype>
#include <cstdio>

#include "identity/ed25519.hpp"
#include "messages/hex.hpp"

namespace provision::simulated {

void explorer_state::make(change what) {
  carry_out(all, what);
  if (!options.folder.empty())
    changes.push_back(std::move(what));
}

std::int64_t explorer_state::now() const {
  return options.clock->now().seconds + faults.clock_skew.count();
}

void explorer_state::enqueue(documents::workload snapshot,
                             documents::next_action action) {
  snapshot.next_action = action;
  make(queued{std::move(snapshot)});
}

void expire_pools(explorer_state& state) {
  auto now = state.now();
  while (auto pool_id = state.all.pools.take_emptied(now)) {
    auto emptied = *state.all.pools.find(pool_id);
    emptied.sync(now);
    for (auto id : state.all.workloads.deployed_in(pool_id)) {
      const auto& w = *state.all.workloads.find(id);
      auto units = units_of(w);
      if (!units || !emptied.lacks(*units))
        continue;
      state.make(action_set{id, documents::next_action::remove});
      state.enqueue(*state.all.workloads.find(id),
                    documents::next_action::remove);
    }
  }
}

error check_hex(std::string_view text) {
  for (unsigned char c : text)
    if (std::isxdigit(c) == 0) {
      char shown[64];
      std::snprintf(shown, sizeof shown,
                    std::isprint(c) != 0
                      ? "encoding/hex: invalid byte: U+%04X '%c'"
                      : "encoding/hex: invalid byte: U+%04X",
                    c, c);
      return {errc::malformed_input, shown};
    }
  if (text.size() % 2 != 0)
    return {errc::malformed_input, "encoding/hex: odd length hex string"};
  return {};
}

expected<std::string> key_of(const user& who) {
  if (auto broken = check_hex(who.pubkey))
    return fail(errc::malformed_input, "invalid hex format: " + broken.message);
  auto key = hex::decode(who.pubkey);
  if (!key || key->size() != ed25519::public_key_size)
    return fail(errc::malformed_input, "wrong key size");
  return key;
}

error check_signature(const user& who, std::string_view hex_signature,
                      std::string_view message) {
  auto key = key_of(who);
  if (!key)
    return {errc::bad_signature,
            "invalid verification key: " + key.error().message};
  if (auto broken = check_hex(hex_signature))
    return broken;
  auto signature = hex::decode(hex_signature);
  if (!signature || !ed25519::matches(*signature, message, *key))
    return {errc::bad_signature, "signature verification failed"};
  return {};
}

} // namespace provision::simulated
