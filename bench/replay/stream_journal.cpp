#include "bench/replay/stream_journal.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>

#include "actors/sources/replay_source.hpp"
#include "messages/json/peek.hpp"

namespace provision::bench {

std::int64_t now_ns() noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
           std::chrono::steady_clock::now().time_since_epoch())
    .count();
}

expected<stream_journal> stream_journal::open(const std::string& stream,
                                              const std::string& apart) {
  stream_journal made;
  if (stream.empty())
    return made;
  std::ifstream lines{stream};
  if (!lines)
    return fail(errc::storage_failure, stream + ": cannot be read");
  std::string line;
  for (std::size_t number = 1; std::getline(lines, line); ++number) {
    if (line.find_first_not_of(" \t\r") == line.npos || is_recording_mark(line))
      continue;
    auto form = guess_form(line);
    auto who = json::peek_identity(own_text(std::move(line), form));
    if (!who)
      return fail(errc::malformed_input,
                  stream + ":" + std::to_string(number) + ": no reservation");
    // A document that comes twice counts from its first time.
    made.places_.emplace(std::hash<std::string_view>{}(who->id),
                         static_cast<std::uint32_t>(made.seen_.size()));
    made.seen_.push_back(0);
    made.apart_.push_back(!apart.empty() && who->type.name == apart);
  }
  made.done_.resize(made.seen_.size());
  return made;
}

void stream_journal::hand_over(std::size_t count) {
  auto now = now_ns();
  for (auto last = std::min(handed_over_ + count, seen_.size());
       handed_over_ < last; ++handed_over_)
    seen_[handed_over_] = now;
}

bool stream_journal::accept(std::string_view id) {
  auto place = places_.find(std::hash<std::string_view>{}(id));
  if (place == places_.end() || done_[place->second] != 0)
    return false;
  done_[place->second] = now_ns();
  accepted_->fetch_add(1);
  return true;
}

} // namespace provision::bench
