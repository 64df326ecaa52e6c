#include "persistence/journal_check.hpp"

#include <algorithm>
#include <utility>

#include "identity/digest.hpp"
#include "identity/ed25519.hpp"
#include "identity/node_key.hpp"
#include "persistence/row_codec.hpp"

namespace provision {

journal_check::journal_check(std::optional<journal_seal> seal,
                             std::string_view node_id,
                             std::optional<known_line> known)
  : seal_{std::move(seal)}, known_{std::move(known)} {
  if (seal_)
    next_ = seal_->first;
  check_seal(node_id);
}

void journal_check::found(std::uint64_t line, std::string what) {
  made_.problems.push_back({line, std::move(what)});
}

void journal_check::missing(std::uint64_t from, std::uint64_t to) {
  found(from, from == to
                ? "is missing"
                : "is missing, and all up to line " + std::to_string(to));
}

void journal_check::check_seal(std::string_view node_id) {
  if (!seal_)
    return found(0, "the seal is missing: whether an end was cut off cannot "
                    "be told");
  const auto key = public_key_of_node_id(node_id);
  if (!key)
    return found(0, "node id " + std::string{node_id}
                      + " is no key: " + key.error().message);
  if (auto wrong = ed25519::check("the seal's signature", seal_->signature,
                                  message_of(*seal_), *key))
    found(0, wrong.message);
}

void journal_check::check_link(std::uint64_t line, std::string_view before) {
  const bool is_begin = seal_ && line == seal_->chained_from;
  if (before.empty()) {
    if (seal_ && line > seal_->chained_from)
      found(line, "carries no hash of the line before it");
    else if (is_begin)
      found(line, "should begin the chain and carries no hash");
    else
      ++made_.unchained;
    return;
  }
  if (is_begin) {
    if (!seal_->before.empty() && before != seal_->before)
      found(line, "does not follow what was cut off before it");
    return;
  }
  if (!last_hash_.empty() && before != last_hash_)
    found(line - 1,
          "was changed: line " + std::to_string(line) + " follows another one");
}

void journal_check::take(std::uint64_t line, std::string_view row) {
  ++made_.lines;
  if (next_ != 0 && line < next_)
    return found(line, "was put in front of the oldest line");
  if (seal_ && line > seal_->last)
    return found(line, "was put behind the newest line");
  if (next_ != 0 && line > next_) {
    missing(next_, line - 1);
    last_hash_.clear();
  }
  next_ = line + 1;
  auto hash = digest(row);
  if (known_ && known_->line == line) {
    if (known_->hash != hash)
      found(line, "is another one than the one that is known");
    known_.reset();
  }
  const auto entry = decode_journal_entry(row);
  if (!entry || entry->sequence != line) {
    found(line, !entry
                  ? entry.error().message
                  : "holds what was line " + std::to_string(entry->sequence));
    return last_hash_.clear();
  }
  check_link(line, entry->before);
  if (entry->event == journal_damaged_event)
    found(line, "the node noted at its start: " + entry->text);
  last_hash_ = std::move(hash);
}

journal_verdict journal_check::finish() {
  if (seal_ && next_ <= seal_->last)
    missing(next_, seal_->last);
  else if (seal_ && !last_hash_.empty() && last_hash_ != seal_->last_hash)
    found(seal_->last, "was changed: the seal names another one");
  if (known_)
    found(known_->line, "is known, and it is not there");
  std::stable_sort(made_.problems.begin(), made_.problems.end(),
                   [](const journal_problem& a, const journal_problem& b) {
                     return a.line < b.line;
                   });
  return std::move(made_);
}

} // namespace provision
