#include "persistence/transition_rules.hpp"

#include <cstdint>

namespace provision {

namespace {

/// FNV-1a, 64 bits, as hex.
std::string fingerprint(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char byte : bytes) {
    hash ^= static_cast<unsigned char>(byte);
    hash *= 0x100000001b3U;
  }
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4)
    text.push_back(digits[(hash >> shift) & 0xfU]);
  return text;
}

} // namespace

error check_batch(const transition_batch& batch) {
  for (const auto& put : batch.puts) {
    if (put.what == nullptr)
      return {errc::storage_failure, "a batch puts no record"};
    if (put.what->id.empty())
      return {errc::storage_failure, "a batch puts a record without id"};
  }
  for (const auto& stone : batch.gone)
    if (stone.id.empty())
      return {errc::storage_failure, "a batch has a tombstone without id"};
  for (const auto& [source, next] : batch.cursors)
    if (source.empty())
      return {errc::storage_failure, "a batch has a cursor without source"};
  return {};
}

void name_quarantine(transition_batch& batch) {
  for (auto& row : batch.quarantine)
    if (row.key.empty())
      row.key = "input-" + fingerprint(row.received.text);
}

bool has_deadline(record_state state, timestamp expires) noexcept {
  return state == record_state::provisioned && expires != end_of_time;
}

bool stands_for_network(record_state state, std::string_view network) noexcept {
  return holds_capacity(state) && !network.empty();
}

} // namespace provision
