#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "persistence/reservation_store.hpp"
#include "persistence/transition_rules.hpp"

namespace provision {

/// What a store in memory holds. It may outlive the store, as a disk outlives
/// a process: a test that restarts the node opens a new store over it.
struct memory_contents {
  std::map<std::string, record, std::less<>> records = {};
  std::map<std::uint64_t, std::string> work = {};
  std::set<std::pair<timestamp, std::string>> deadlines = {};
  std::set<std::pair<std::string, std::string>> networks = {};
  std::set<std::pair<std::string, std::string>> users = {};
  std::set<std::pair<std::string, std::string>> types = {};
  std::map<std::string, tombstone, std::less<>> tombstones = {};
  std::map<std::string, quarantined, std::less<>> quarantine = {};
  std::map<std::uint64_t, outbox_row> outbox = {};
  std::map<std::uint64_t, outbox_row> parked = {};
  std::map<std::uint64_t, journal_entry> journal = {};
  std::map<std::string, std::uint64_t, std::less<>> cursors = {};
  std::uint64_t outbox_next = 1;
  std::uint64_t journal_next = 1;
};

/// The twin of the LevelDB store for tests: same order, same answers, nothing
/// on disk.
class memory_reservation_store final : public reservation_store {
public:
  /// Asked before every apply; an error it returns is apply's.
  using failure_func = std::function<error()>;

  explicit memory_reservation_store(failure_func before_apply = {},
                                    std::shared_ptr<memory_contents> contents
                                    = {},
                                    std::size_t journal_rows_max
                                    = journal_rows_kept);

  error apply(transition_batch& batch, durability demanded) override;
  expected<std::optional<record>> find(std::string_view id) override;
  expected<std::optional<tombstone>>
  find_tombstone(std::string_view id) override;
  expected<std::optional<quarantined>>
  find_quarantined(std::string_view key) override;
  expected<std::vector<record>> pending(std::uint64_t after,
                                        std::size_t count_max) override;
  expected<std::vector<record>> expired(timestamp now,
                                        std::size_t count_max) override;
  expected<std::optional<timestamp>> next_deadline() override;
  expected<bool> network_exists(std::string_view network) override;
  expected<std::vector<outbox_row>> outbox(std::uint64_t after,
                                           std::size_t count_max) override;
  expected<std::vector<outbox_row>> parked(std::size_t count_max) override;
  expected<std::vector<quarantined>> quarantine(std::string_view after,
                                                std::size_t count_max) override;
  expected<std::vector<journal_entry>> journal(std::uint64_t after,
                                               std::size_t count_max) override;
  expected<std::uint64_t> journal_before(timestamp at) override;
  expected<std::uint64_t> cursor(std::string_view source) override;
  expected<std::vector<record>> list(std::string_view prefix,
                                     std::string_view after,
                                     std::size_t count_max) override;
  expected<std::optional<std::vector<std::string>>>
  ids_of(listed_by what, std::string_view value,
         const id_range& range) override;
  error
  for_each(const std::function<void(const record_summary&)>& visit) override;
  expected<store_statistics> statistics() override;
  const recovery_report& recovery() const override { return found_; }

private:
  void put(const record_put& put);
  void drop_index(const record& old);
  void append(transition_batch& batch);

  failure_func before_apply_;
  std::shared_ptr<memory_contents> contents_;
  std::size_t journal_rows_max_;
  recovery_report found_;
};

} // namespace provision
