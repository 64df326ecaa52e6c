#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "persistence/journal_seal.hpp"

namespace provision {

/// One thing that is wrong with a journal.
struct journal_problem {
  /// The line that it is about; 0: the journal as a whole.
  std::uint64_t line = 0;
  std::string what = {};
};

struct journal_verdict {
  /// Lines that were seen, and those among them that are older than the chain.
  std::uint64_t lines = 0;
  std::uint64_t unchained = 0;
  std::vector<journal_problem> problems = {};

  bool sound() const noexcept { return problems.empty(); }
};

/// A line that somebody has seen before and wrote down: the only thing that
/// tells a journal from one that was put back to an earlier state as a whole.
struct known_line {
  std::uint64_t line = 0;
  /// Raw 32 bytes.
  std::string hash = {};
};

/// Looks at a journal, line by line from the oldest on, and says which lines
/// were changed, removed, moved or added.
class journal_check {
public:
  /// `node_id`: whose signature the seal must bear. Without a seal only the
  /// links between the lines are looked at.
  journal_check(std::optional<journal_seal> seal, std::string_view node_id,
                std::optional<known_line> known = {});

  /// `row` as stored under the number `line`; numbers must grow.
  void take(std::uint64_t line, std::string_view row);

  /// After the last line.
  journal_verdict finish();

private:
  void found(std::uint64_t line, std::string what);
  void missing(std::uint64_t from, std::uint64_t to);
  void check_seal(std::string_view node_id);
  void check_link(std::uint64_t line, std::string_view before);

  std::optional<journal_seal> seal_;
  std::optional<known_line> known_;
  /// The line that must come next; 0: any.
  std::uint64_t next_ = 0;
  /// Hash of the line that came last; empty: it was not whole.
  std::string last_hash_ = {};
  journal_verdict made_ = {};
};

} // namespace provision
