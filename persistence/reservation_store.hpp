#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "messages/error.hpp"
#include "messages/latency.hpp"
#include "persistence/journal_seal.hpp"
#include "persistence/record.hpp"

namespace provision {

/// A record's new state. Its bytes as received are written only when they
/// are new to the store.
struct record_put {
  record_ptr what = {};
  /// True when the record is new or its received bytes have changed.
  bool with_received = false;
};

/// Changes that belong together: all of them are on disk, or none.
struct transition_batch {
  std::vector<record_put> puts = {};
  /// Each removes its record, if there is one, and leaves the tombstone.
  std::vector<tombstone> gone = {};
  std::vector<quarantined> quarantine = {};
  /// Keys to drop from the quarantine.
  std::vector<std::string> released = {};
  /// Rows to append; the store assigns their sequence numbers in place.
  std::vector<outbox_row> outbox = {};
  /// Sequence numbers of rows that the explorer has accepted.
  std::vector<std::uint64_t> delivered = {};
  /// Rows to park: they stay, with their reason.
  std::vector<outbox_row> parked = {};
  /// Lines to append; the store assigns their sequence numbers.
  std::vector<journal_entry> journal = {};
  /// Source name -> next id to ask for.
  std::vector<std::pair<std::string, std::uint64_t>> cursors = {};

  bool empty() const noexcept;
};

/// Whether a batch must survive a power failure before apply returns.
enum class durability : std::uint8_t {
  /// Survives the process only; for changes that may be repeated.
  process,
  /// Survives the machine.
  machine,
};

/// A row of the state that start-up and audits look at: no bytes, no result.
struct record_summary {
  std::string_view id = {};
  record_state state = record_state::accepted;
  std::string_view type = {};
  std::string_view network = {};
  resources takes = {};
  std::uint64_t sequence = 0;
  timestamp expires = end_of_time;
  std::string_view user = {};
};

/// What the records are listed by, apart from their ids.
enum class listed_by : std::uint8_t { user, type };

/// Ids that begin with `prefix` and come behind `after`, in their order.
struct id_range {
  std::string_view prefix = {};
  std::string_view after = {};
  std::size_t count_max = 0;
};

/// What opening the store found and did.
struct recovery_report {
  /// Records whose check failed; they were moved to the quarantine.
  std::vector<quarantined> salvaged = {};
  std::uint64_t live_records = 0;
  /// First free number for record::sequence.
  std::uint64_t next_sequence = 1;
  bool created = false;
  /// Why ids_of() knows nothing until the next start.
  error unlisted = {};
};

struct store_statistics {
  std::uint64_t outbox_rows = 0;
  std::uint64_t parked_rows = 0;
  std::uint64_t quarantined = 0;
  std::uint64_t tombstones = 0;
};

/// How long writes took since the store was opened.
struct store_writes {
  /// Those that were synced, and the others.
  latency synced = {};
  latency plain = {};
  std::uint64_t bytes = 0;
  /// Writes that were refused.
  std::uint64_t failures = 0;
};

/// The node's durable memory. Blocks; used by one thread only (the cache's).
/// All reads see all applied batches.
class reservation_store {
public:
  virtual ~reservation_store() = default;

  /// Applies `batch` as a whole, or returns why nothing was changed:
  /// errc::disk_full, errc::storage_failure. With durability::machine it is
  /// synced before the return.
  virtual error apply(transition_batch& batch, durability demanded) = 0;

  /// errc::storage_corrupt if the row does not pass its check.
  virtual expected<std::optional<record>> find(std::string_view id) = 0;

  /// find() without the received bytes, for questions that do not need them:
  /// cheaper where the two are stored apart.
  virtual expected<std::optional<record>> find_state(std::string_view id) {
    return find(id);
  }

  virtual expected<std::optional<tombstone>> find_tombstone(std::string_view id)
    = 0;

  /// Refused input, or the notice of a damaged row.
  virtual expected<std::optional<quarantined>>
  find_quarantined(std::string_view key) = 0;

  /// Records that wait for the engine, in order, with sequence > `after`.
  virtual expected<std::vector<record>> pending(std::uint64_t after,
                                                std::size_t count_max)
    = 0;

  /// Provisioned records whose time is over at `now`, soonest first. Touches
  /// no record that is not due.
  virtual expected<std::vector<record>> expired(timestamp now,
                                                std::size_t count_max)
    = 0;

  /// The next deadline among provisioned records, if there is any.
  virtual expected<std::optional<timestamp>> next_deadline() = 0;

  /// Whether a live record stands for this network.
  virtual expected<bool> network_exists(std::string_view network) = 0;

  /// Rows that are not parked, in order, with sequence > `after`.
  virtual expected<std::vector<outbox_row>> outbox(std::uint64_t after,
                                                   std::size_t count_max)
    = 0;
  virtual expected<std::vector<outbox_row>> parked(std::size_t count_max) = 0;

  virtual expected<std::vector<quarantined>> quarantine(std::string_view after,
                                                        std::size_t count_max)
    = 0;

  virtual expected<std::vector<journal_entry>> journal(std::uint64_t after,
                                                       std::size_t count_max)
    = 0;

  /// Number of the newest journal line that is older than `at`, 0 if there is
  /// none: where to read on for what happened from then. Looks at a few lines
  /// only, and takes them to be in the order of time.
  virtual expected<std::uint64_t> journal_before(timestamp at) = 0;

  /// Both ends of the journal; nothing where it is no chain.
  virtual std::optional<journal_seal> seal() const { return std::nullopt; }

  /// Next id to ask the source for; 0 if it was never asked.
  virtual expected<std::uint64_t> cursor(std::string_view source) = 0;

  /// Live records whose id begins with `prefix`, by id, behind `after`; without
  /// their received bytes.
  virtual expected<std::vector<record>>
  list(std::string_view prefix, std::string_view after, std::size_t count_max)
    = 0;

  /// Ids of the live records of this user or type, without a look at others. A
  /// hint: the record alone says whose it is, and whether it is there. Nothing
  /// where there is no such list; then list() finds them.
  virtual expected<std::optional<std::vector<std::string>>>
  ids_of([[maybe_unused]] listed_by what,
         [[maybe_unused]] std::string_view value,
         [[maybe_unused]] const id_range& range) {
    return std::optional<std::vector<std::string>>{};
  }

  /// Visits every live record, streamed, without its bytes.
  virtual error
  for_each(const std::function<void(const record_summary&)>& visit)
    = 0;

  virtual expected<store_statistics> statistics() = 0;

  /// Nothing where writes are not measured.
  virtual store_writes writes() const { return {}; }

  /// What opening found.
  virtual const recovery_report& recovery() const = 0;
};

} // namespace provision
