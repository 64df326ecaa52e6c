#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/report_memory.hpp"
#include "actors/requests.hpp"
#include "actors/statser.hpp"
#include "messages/error.hpp"
#include "messages/timestamp.hpp"
#include "persistence/reservation_store.hpp"

namespace provision {

class indexed_store;

/// The original's ReservationExpirer: which reservations are over.
class reservation_expirer {
public:
  virtual ~reservation_expirer() = default;

  /// Provisioned reservations whose time is over, soonest first.
  virtual expected<std::vector<reservation>> get_expired() = 0;
};

/// The original's ReservationCache on top of the store: decides for every
/// reservation what the node already knows of it, and writes each transition
/// as one batch. Blocks; one thread only.
class reservation_cache final : public reservation_expirer {
public:
  reservation_cache(std::unique_ptr<reservation_store> store,
                    std::shared_ptr<const wall_clock> clock);
  ~reservation_cache() override;

  // -- the original's interface, for embedders and tools ----------------------

  /// Stores a reservation that runs; errc::already_exists.
  error add(const reservation& r);
  /// errc::no_such_reservation.
  expected<reservation> get(std::string_view id);
  /// Forgets a reservation; errc::no_such_reservation.
  error remove(std::string_view id);
  expected<bool> exists(std::string_view id);
  /// Whether a live reservation stands for the network of this id.
  expected<bool> network_exists(std::string_view network);
  /// Counts every record that holds capacity.
  error sync(statser& numbers);
  expected<std::vector<reservation>> get_expired() override;

  // -- transitions ------------------------------------------------------------

  expected<accepted_page> accept(accept_page page);
  expected<settled_outcomes> settle(const settle_outcomes& request);
  expected<rearmed_pending> rearm(const rearm_pending& request);
  /// Reports that wait for delivery.
  expected<std::vector<outbox_row>> read_reports(const read_outbox& request);
  /// The explorer has accepted or refused these reports, by `now`.
  expected<closed_reports> close(const close_reports& request, moment now = {});
  /// Of each, whether it is known, and has anything to say.
  expected<recalled_glances> recall(const recall_glances& request);
  expected<expired_records> expired(const find_expired& request);
  expected<found_record> find(std::string_view id);
  expected<listed_records> list(const list_records& request);
  /// errc::no_such_reservation.
  expected<quarantined> find_quarantined(std::string_view key);
  /// Same error.
  error drop(const drop_quarantined& request);
  /// A cordon or a hold is also a line of the journal.
  error keep(const keep_number& request);

  reservation_store& store() noexcept;

private:
  struct page_work;

  standing standing_of(const glance& what);
  void accept_entry(page_work& work, intake_entry& entry);
  void accept_fresh(page_work& work, intake_entry& entry);
  void accept_known(page_work& work, intake_entry& entry, record& known);
  void accept_deletion(page_work& work, intake_entry& entry);
  void accept_removal(page_work& work, const removal_order& order);
  void order_removal(page_work& work, record row, const removal_order& order);
  error objection_to(const reservation& r);
  error objection_to_gone(const reservation& r);
  bool migrate(page_work& work, intake_entry& entry);
  void refuse(page_work& work, intake_entry& entry);
  record new_record(const page_work& work, const intake_entry& entry);
  void note(transition_batch& batch, std::string_view id,
            std::string_view event, std::string text = {});
  void resend(page_work& work, const record& row);
  void settle_one(transition_batch& batch, const settlement& outcome);
  intent withdraw(transition_batch& batch, const settlement& outcome);
  void begin_removal(record& row, removal_cause cause, std::string reason);

  std::unique_ptr<indexed_store> store_;
  std::shared_ptr<const wall_clock> clock_;
  std::uint64_t next_sequence_;
  report_memory reports_ = {};
  second_look unseen_ = {};
};

/// The reservation inside a record, decoded from its bytes as received, with
/// the record's own result in place of the sender's.
expected<reservation> decode_reservation(const record& row);

/// Decodes bytes of either form.
expected<reservation> decode_reservation(const received_text& received);

/// What a record counts for.
ledger_entry to_ledger_entry(const record& row);

} // namespace provision
