#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "messages/error.hpp"

namespace provision::bench {

/// Nanoseconds of the machine's steady clock.
std::int64_t now_ns() noexcept;

/// When each reservation of a stream was handed over and when its result was
/// accepted. Thread-safe where it says so.
class stream_journal {
public:
  /// Reads the ids of a stream, in order; no stream: an empty journal.
  /// errc::malformed_input names the first line without one. Reservations of
  /// type `apart` are counted apart.
  static expected<stream_journal> open(const std::string& stream,
                                       const std::string& apart = {});

  std::size_t size() const noexcept { return seen_.size(); }

  /// How many results there can be: one for each id.
  std::size_t distinct() const noexcept { return places_.size(); }

  /// The next `count` reservations of the stream are handed over now. One
  /// thread only.
  void hand_over(std::size_t count);

  /// The explorer has accepted the result of `id`; true if this was the first
  /// time. One thread at a time.
  bool accept(std::string_view id);

  /// How many results were accepted. Thread-safe.
  std::size_t accepted() const noexcept { return accepted_->load(); }

  /// Only once nothing moves any more: nanoseconds of now_ns, 0 for never.
  const std::vector<std::int64_t>& seen() const noexcept { return seen_; }
  const std::vector<std::int64_t>& done() const noexcept { return done_; }

  /// Whether the reservation at this place is of the type counted apart.
  bool is_apart(std::size_t place) const { return apart_[place]; }

private:
  stream_journal() = default;

  /// By hash of the id: ids themselves would take most of the memory.
  std::unordered_map<std::size_t, std::uint32_t> places_ = {};
  std::vector<std::int64_t> seen_ = {};
  std::vector<std::int64_t> done_ = {};
  std::vector<bool> apart_ = {};
  std::size_t handed_over_ = 0;
  std::unique_ptr<std::atomic<std::size_t>> accepted_
    = std::make_unique<std::atomic<std::size_t>>(0);
};

} // namespace provision::bench
