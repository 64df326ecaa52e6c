#include "identity/user_keys.hpp"

#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace provision {

namespace {

using callback = std::function<void(expected<std::string>)>;

bool is_worth_remembering(const expected<std::string>& answer) noexcept {
  return answer || answer.error().code == errc::unknown_user;
}

} // namespace

/// What is known and what is being asked. Shared with the look-ups under way.
class user_keys::memory {
public:
  memory(std::shared_ptr<const wall_clock> clock, settings limits)
    : clock_{std::move(clock)}, limits_{limits} {}

  /// The answer, if it is known and fresh. Otherwise `done` is kept for the
  /// answer to come, and `must_ask` says whether nobody has asked yet.
  std::optional<expected<std::string>>
  recall_or_wait(std::int64_t tid, callback& done, bool& must_ask) {
    auto now = clock_->now();
    std::lock_guard guard{mutex_};
    if (auto known = recall(tid, now))
      return known;
    auto& queue = waiting_[tid];
    must_ask = queue.empty();
    queue.push_back(std::move(done));
    return std::nullopt;
  }

  /// The answer, if it is known and fresh.
  std::optional<expected<std::string>> recall(std::int64_t tid) {
    auto now = clock_->now();
    std::lock_guard guard{mutex_};
    return recall(tid, now);
  }

  /// Remembers `answer` and yields those who wait for it.
  std::vector<callback> settle(std::int64_t tid,
                               const expected<std::string>& answer) {
    auto now = clock_->now();
    std::lock_guard guard{mutex_};
    if (is_worth_remembering(answer))
      remember(tid, answer, now);
    auto queue = waiting_.extract(tid);
    return queue ? std::move(queue.mapped()) : std::vector<callback>{};
  }

private:
  struct entry {
    std::int64_t tid;
    expected<std::string> answer;
    timestamp stored;
    timestamp expires;
  };

  std::optional<expected<std::string>> recall(std::int64_t tid, timestamp now) {
    auto place = index_.find(tid);
    if (place == index_.end())
      return std::nullopt;
    auto found = place->second;
    // A clock that was set back says nothing about the entry's age.
    if (now >= found->expires || now < found->stored) {
      entries_.erase(found);
      index_.erase(place);
      return std::nullopt;
    }
    entries_.splice(entries_.begin(), entries_, found);
    return found->answer;
  }

  void remember(std::int64_t tid, const expected<std::string>& answer,
                timestamp now) {
    if (limits_.capacity == 0)
      return;
    if (auto place = index_.find(tid); place != index_.end()) {
      entries_.erase(place->second);
      index_.erase(place);
    }
    if (entries_.size() >= limits_.capacity) {
      index_.erase(entries_.back().tid);
      entries_.pop_back();
    }
    auto lifetime = answer ? limits_.lifetime : limits_.lifetime_unknown;
    entries_.push_front({tid, answer, now, saturating_add(now, lifetime)});
    index_.emplace(tid, entries_.begin());
  }

  // Constant after construction.
  const std::shared_ptr<const wall_clock> clock_;
  const settings limits_;

  // Guarded by mutex_.
  std::mutex mutex_;
  /// Most recently asked for first.
  std::list<entry> entries_;
  std::unordered_map<std::int64_t, std::list<entry>::iterator> index_;
  std::unordered_map<std::int64_t, std::vector<callback>> waiting_;
};

user_keys::user_keys(std::shared_ptr<key_directory> origin,
                     std::shared_ptr<const wall_clock> clock, settings limits)
  : origin_{std::move(origin)}, memory_{std::make_shared<memory>(
                                  std::move(clock), limits)} {
}

void user_keys::find_user_key(std::int64_t tid,
                              std::function<void(expected<std::string>)> done) {
  if (tid < 1)
    return done(fail(errc::unknown_user,
                     "user " + std::to_string(tid) + ": numbers start at 1"));
  bool must_ask = false;
  if (auto known = memory_->recall_or_wait(tid, done, must_ask))
    return done(*std::move(known));
  if (!must_ask)
    return;
  origin_->find_user_key(
    tid, [tid, memory = memory_](expected<std::string> answer) {
      for (const auto& waiter : memory->settle(tid, answer))
        waiter(answer);
    });
}

std::optional<std::string> user_keys::key_at_hand(std::int64_t tid) {
  auto known = memory_->recall(tid);
  return known && *known ? std::optional{**known} : std::nullopt;
}

} // namespace provision
