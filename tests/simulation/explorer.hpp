#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "explorer/explorer_client.hpp"
#include "identity/key_directory.hpp"
#include "identity/node_key.hpp"
#include "messages/documents/document.hpp"
#include "messages/reservation.hpp"
#include "tests/simulation/chance.hpp"
#include "tests/simulation/checkers.hpp"
#include "tests/simulation/facts.hpp"
#include "tests/simulation/timeline.hpp"
#include "tests/simulation/trace.hpp"

namespace provision::simulation {

/// The explorer and its customers: makes reservations, orders deletions,
/// answers polls as the original does, takes reports, and misbehaves.
class sim_explorer {
public:
  struct parts {
    trace& log;
    facts& known;
    checkers& checks;
    timeline& time;
    const wall_clock& clock;
    std::string node_id = {};
  };

  sim_explorer(parts around, chance luck, bool bad_conduct, bool bad_documents,
               bool signs);

  /// Customers make so many reservations, spread over `span`.
  void plan_customers(unsigned count, std::chrono::nanoseconds span);

  // -- trouble
  bool away = false;
  bool flaky = false;
  /// How far the date of its answers is ahead.
  std::chrono::nanoseconds date_ahead{0};
  /// Told the date of every answer that a life of the node gets.
  std::function<void(timestamp)> on_date = [](timestamp) {};
  /// Nothing goes wrong any more, and nothing that was planned is held back.
  void calm();

  /// The node died: what it asked is answered to nobody.
  void forget_questions() { ++lives_; }

  // -- what the node asks
  void poll(std::uint64_t from, std::function<void(poll_page, error)> done);
  void report(report_kind kind, const std::string& id, const std::string& body,
              feedbacker::callback done);
  void find_user_key(std::int64_t tid,
                     std::function<void(expected<std::string>)> done);

  /// Reservations that wait for a report; empty once all ended.
  std::vector<std::string> unanswered() const;
  /// Whether the customers have done all they will do.
  bool is_complete() const noexcept { return left_to_do_ == 0; }

  /// How the node's report left it: nothing, "ok", "error", "deleted".
  std::string state_of(const std::string& id) const;

  /// The error text of its result, if it has one.
  std::string message_of(const std::string& id) const;

private:
  struct entry {
    std::uint64_t number = 0;
    std::string id = {};
    /// The explorer's own form, or (if it can end by itself) the node's.
    documents::workload document = {};
    std::optional<reservation> short_lived = {};
    std::string garbage = {};
    bool wants_deployment = true;
    /// Shown once there is nothing newer.
    bool is_queued = true;
    bool deleted = false;
    bool has_result = false;
  };

  void make_reservation();
  void make_document(entry& made, fact& about, chance& luck);
  void make_short_lived(entry& made, fact& about, chance& luck);
  void spoil(entry& made, fact& about, chance& luck);
  void draw_conduct(fact& about, chance& luck) const;
  void order_deletion(std::uint64_t number);
  received_text show(const entry& what) const;
  poll_page due(std::uint64_t from);
  void choose_queued(std::vector<const entry*>& chosen) const;
  bool expects_answer(const entry& what) const;
  void disturb(std::vector<const entry*>& page);
  error trouble();
  void show_date(const error& wrong);
  void take_result(entry& what, const std::string& body);
  std::chrono::nanoseconds latency();

  parts around_;
  chance luck_;
  bool bad_conduct_;
  bool bad_documents_;
  bool signs_;
  bool calm_ = false;
  std::vector<node_key> users_ = {};
  std::map<std::uint64_t, entry> all_ = {};
  std::map<std::string, std::uint64_t> numbers_ = {};
  std::uint64_t last_ = 99;
  std::size_t left_to_do_ = 0;
  std::uint64_t lives_ = 0;
};

/// The explorer as one life of the node sees it; deaf once that life is over.
class explorer_link final : public reservation_poller,
                            public feedbacker,
                            public key_directory {
public:
  explicit explorer_link(sim_explorer& explorer) : explorer_{&explorer} {}

  void cut() { explorer_ = nullptr; }

  void poll(const std::string&, std::uint64_t from,
            std::function<void(poll_page, error)> done) override;
  void feedback(const std::string&, const std::string& id,
                const std::string& body, callback done) override;
  void deleted(const std::string&, const std::string& id,
               callback done) override;
  void update_stats(const std::string&, const workload_amount&,
                    const resource_amount&, callback done) override;
  void find_user_key(std::int64_t tid,
                     std::function<void(expected<std::string>)> done) override;

private:
  sim_explorer* explorer_;
};

} // namespace provision::simulation
