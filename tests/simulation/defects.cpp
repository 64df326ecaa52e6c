#include "tests/simulation/defects.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "tests/simulation/bent_store.hpp"

namespace provision::simulation {

namespace {

using namespace std::chrono_literals;

// -- in the store -------------------------------------------------------------

defect in_store(std::string name, std::string text, store_bend bend) {
  defect made{.name = std::move(name), .text = std::move(text)};
  made.on_store = [bend](std::unique_ptr<reservation_store> inner)
    -> std::unique_ptr<reservation_store> {
    return std::make_unique<bent_store>(std::move(inner), bend);
  };
  return made;
}

/// What the store writes is another batch than the one it was given; the
/// caller sees the numbers that the whole batch got.
defect in_batch(std::string name, std::string text,
                std::function<void(transition_batch&)> change) {
  return in_store(std::move(name), std::move(text),
                  {.apply = [change](reservation_store& inner,
                                     transition_batch& batch, durability d) {
                    auto wrong = batch;
                    change(wrong);
                    auto failure = inner.apply(wrong, d);
                    auto kept = wrong.outbox.begin();
                    for (auto& row : batch.outbox)
                      row.sequence = kept != wrong.outbox.end()
                                       ? (kept++)->sequence
                                       : 1'000'000;
                    for (auto& row : batch.quarantine)
                      if (row.key.empty())
                        row.key = "lost";
                    return failure;
                  }});
}

std::vector<defect> store_defects() {
  using std::vector;
  vector<defect> all;
  all.push_back(in_store("skip_sync", "changes are not synced",
                         {.apply = [](reservation_store& inner,
                                      transition_batch& batch, durability) {
                           return inner.apply(batch, durability::process);
                         }}));
  all.push_back(in_store("swallow_error", "a failed write is reported as done",
                         {.apply = [](reservation_store& inner,
                                      transition_batch& batch, durability d) {
                           (void)!inner.apply(batch, d);
                           return error{};
                         }}));
  all.push_back(
    in_store("reply_before_durable", "a batch is written with the next one",
             {.apply = [held = std::make_shared<transition_batch>()](
                         reservation_store& inner, transition_batch& batch,
                         durability d) {
               auto before = std::exchange(*held, batch);
               return before.empty() ? error{} : inner.apply(before, d);
             }}));
  all.push_back(in_store("split_batch",
                         "records and reports are written one after the other",
                         {.apply = [](reservation_store& inner,
                                      transition_batch& batch, durability d) {
                           transition_batch reports;
                           std::swap(reports.outbox, batch.outbox);
                           auto failure = inner.apply(batch, d);
                           if (!failure && !reports.outbox.empty())
                             failure = inner.apply(reports, d);
                           std::swap(reports.outbox, batch.outbox);
                           return failure;
                         }}));
  all.push_back(in_store("cursor_first", "the cursor is stored before its page",
                         {.apply = [](reservation_store& inner,
                                      transition_batch& batch, durability d) {
                           transition_batch ahead;
                           ahead.cursors = batch.cursors;
                           if (!ahead.cursors.empty())
                             if (auto failure = inner.apply(ahead, d))
                               return failure;
                           return inner.apply(batch, d);
                         }}));
  all.push_back(in_batch("drop_outbox_row", "a report is not stored",
                         [](transition_batch& b) {
                           if (!b.outbox.empty())
                             b.outbox.pop_back();
                         }));
  all.push_back(in_batch("forget_tombstone", "what is gone is not remembered",
                         [](transition_batch& b) { b.gone.clear(); }));
  all.push_back(in_batch("lose_cursor", "the cursor is not stored",
                         [](transition_batch& b) { b.cursors.clear(); }));
  all.push_back(in_batch("drop_quarantine", "refused input is not kept",
                         [](transition_batch& b) { b.quarantine.clear(); }));
  all.push_back(in_batch("lose_intent", "the last intent of a page is dropped",
                         [](transition_batch& b) {
                           if (b.puts.size() > 1)
                             b.puts.pop_back();
                         }));
  all.push_back(in_store("forget_pending",
                         "after a restart one unfinished intent is left out",
                         {.pending = [](vector<record>& rows) {
                           if (!rows.empty())
                             rows.erase(rows.begin());
                         }}));
  all.push_back(in_store("reverse_pending",
                         "unfinished work is taken up in reverse",
                         {.pending = [](vector<record>& rows) {
                           std::reverse(rows.begin(), rows.end());
                         }}));
  all.push_back(in_store("blind_to_tombstones", "tombstones are not looked at",
                         {.tombstone = [](auto& stone) { stone.reset(); }}));
  all.push_back(in_store(
    "expire_early", "reservations end an hour early",
    {.expired = [](timestamp& now) { now = saturating_add(now, 1h); }}));
  all.push_back(in_store("expire_never",
                         "nobody sees that a reservation's time is over",
                         {.expired = [](timestamp& now) { now = {}; },
                          .next_deadline = [](auto& at) { at.reset(); }}));
  all.push_back(in_store("skip_outbox_row",
                         "the first report found on disk is left out",
                         {.outbox = [](vector<outbox_row>& rows) {
                           if (!rows.empty())
                             rows.erase(rows.begin());
                         }}));
  all.push_back(in_store("reverse_outbox", "reports are read in reverse",
                         {.outbox = [](vector<outbox_row>& rows) {
                           std::reverse(rows.begin(), rows.end());
                         }}));
  return all;
}

// -- in the statser -----------------------------------------------------------

class bent_statser final : public statser {
public:
  enum class bend { twice, never_less, no_limit };

  bent_statser(std::shared_ptr<statser> inner, bend how)
    : inner_{std::move(inner)}, how_{how} {}

  error admit(const ledger_entry& entry) override {
    if (how_ == bend::no_limit) {
      inner_->increment(entry);
      return {};
    }
    auto refusal = inner_->admit(entry);
    if (!refusal && how_ == bend::twice)
      inner_->increment(entry);
    return refusal;
  }
  void increment(const ledger_entry& entry) override {
    inner_->increment(entry);
  }
  void decrement(const ledger_entry& entry) override {
    if (how_ != bend::never_less)
      inner_->decrement(entry);
  }
  resource_amount current_units() const override {
    return inner_->current_units();
  }
  workload_amount current_workloads() const override {
    return inner_->current_workloads();
  }
  provision_counters counters() const override { return inner_->counters(); }

private:
  std::shared_ptr<statser> inner_;
  bend how_;
};

defect in_statser(std::string name, std::string text, bent_statser::bend how) {
  defect made{.name = std::move(name), .text = std::move(text)};
  made.on_statser = [how](std::shared_ptr<statser> inner) {
    return std::make_shared<bent_statser>(std::move(inner), how);
  };
  return made;
}

// -- on the way to and from the explorer --------------------------------------

class bent_feedback final : public feedbacker {
public:
  enum class bend { changed_bytes, dropped, deleted_forgotten };

  bent_feedback(std::shared_ptr<feedbacker> inner, bend how)
    : inner_{std::move(inner)}, how_{how} {}

  void feedback(const std::string& node, const std::string& id,
                const std::string& body, callback done) override {
    if (how_ == bend::dropped && ++calls_ % 4 == 0)
      return done({});
    bool again = !sent_.emplace(id).second;
    auto bytes = body;
    if (how_ == bend::changed_bytes && again)
      bytes.insert(1, " ");
    inner_->feedback(node, id, bytes, std::move(done));
  }
  void deleted(const std::string& node, const std::string& id,
               callback done) override {
    if (how_ == bend::deleted_forgotten)
      return done({});
    inner_->deleted(node, id, std::move(done));
  }
  void update_stats(const std::string& node, const workload_amount& counts,
                    const resource_amount& units, callback done) override {
    inner_->update_stats(node, counts, units, std::move(done));
  }

private:
  std::shared_ptr<feedbacker> inner_;
  bend how_;
  std::set<std::string> sent_ = {};
  unsigned calls_ = 0;
};

defect in_feedback(std::string name, std::string text,
                   bent_feedback::bend how) {
  defect made{.name = std::move(name), .text = std::move(text)};
  made.on_feedback = [how](std::shared_ptr<feedbacker> inner) {
    return std::make_shared<bent_feedback>(std::move(inner), how);
  };
  return made;
}

class bent_poll final : public reservation_poller {
public:
  explicit bent_poll(std::shared_ptr<reservation_poller> inner)
    : inner_{std::move(inner)} {}

  void poll(const std::string& node, std::uint64_t from,
            std::function<void(poll_page, error)> done) override {
    inner_->poll(node, from, [done](poll_page page, error failure) {
      if (page.documents.size() > 1)
        page.documents.pop_back();
      done(std::move(page), std::move(failure));
    });
  }

private:
  std::shared_ptr<reservation_poller> inner_;
};

// -- between the actors -------------------------------------------------------

struct bent_intake_state {
  static inline const char* name = "bent intake";
};

/// Passes pages on, changed.
intake_actor::behavior_type
bent_intake(intake_actor::stateful_pointer<bent_intake_state> self,
            intake_actor inner, std::function<void(intake_page&)> change) {
  return {[=](next_page) -> caf::result<intake_page> {
    auto reply = self->make_response_promise<intake_page>();
    self->request(inner, caf::infinite, next_page{})
      .then(
        [reply, change](intake_page& page) mutable {
          change(page);
          reply.deliver(std::move(page));
        },
        [reply](caf::error& err) mutable { reply.deliver(std::move(err)); });
    return reply;
  }};
}

defect in_intake(std::string name, std::string text,
                 std::function<void(intake_page&)> change) {
  defect made{.name = std::move(name), .text = std::move(text)};
  made.on_intake = [change](caf::actor_system& system, intake_actor inner,
                            keep_intake keep) {
    return keep(system.spawn(bent_intake, inner, change));
  };
  return made;
}

std::vector<defect> other_defects() {
  std::vector<defect> all;
  using count = bent_statser::bend;
  all.push_back(in_statser("count_twice", "an admitted workload counts twice",
                           count::twice));
  all.push_back(in_statser(
    "never_count_less", "what goes stays in the counters", count::never_less));
  all.push_back(
    in_statser("admit_all", "capacity is not looked at", count::no_limit));
  using tell = bent_feedback::bend;
  all.push_back(in_feedback("change_resent_bytes",
                            "a report that is sent again differs",
                            tell::changed_bytes));
  all.push_back(in_feedback("drop_report", "every fourth report is not sent",
                            tell::dropped));
  all.push_back(in_feedback("forget_deleted", "\"deleted\" is never reported",
                            tell::deleted_forgotten));
  defect one_look{"no_second_look",
                  "what was reported is never looked at again"};
  one_look.looks_once = true;
  all.push_back(std::move(one_look));
  defect lost_document{"lose_document",
                       "the last document of a page is dropped"};
  lost_document.on_poll = [](std::shared_ptr<reservation_poller> inner) {
    return std::make_shared<bent_poll>(std::move(inner));
  };
  all.push_back(std::move(lost_document));
  all.push_back(
    in_intake("swap_reservations", "two reservations of a page change places",
              [](intake_page& page) {
                if (page.entries.size() > 1)
                  std::swap(page.entries.front(), page.entries.back());
              }));
  all.push_back(in_intake(
    "remove_unasked", "a live reservation is removed with each page",
    [](intake_page& page) {
      if (page.source == "explorer")
        page.removals.push_back({"100-1", removal_cause::ordered, {}});
    }));
  all.push_back(in_intake("accept_forged",
                          "a bad signature is no reason to refuse",
                          [](intake_page& page) {
                            for (auto& entry : page.entries)
                              if (entry.refusal.code == errc::bad_signature)
                                entry.refusal = {};
                          }));
  all.push_back(in_intake("ignore_deletion", "deletion orders are ignored",
                          [](intake_page& page) {
                            std::erase_if(page.entries, [](auto& entry) {
                              return entry.what && entry.what->to_delete;
                            });
                          }));
  defect deadline{"ignore_deadline", "a call that hangs is never given up"};
  deadline.on_settings = [](config::engine_settings& engine, auto&) {
    engine.provision_timeout = 1000h;
  };
  all.push_back(std::move(deadline));
  defect no_respawn{"no_respawn", "a provisioner that died is not replaced"};
  no_respawn.on_provisioners
    = [](std::map<reservation_type, provisioner_factory>& factories) {
        for (auto& [type, make] : factories)
          make = [make = make, made = provisioner_actor{}]() mutable {
            if (!made)
              made = make();
            return made;
          };
      };
  all.push_back(std::move(no_respawn));
  defect no_breaker{"no_crash_loop_breaker",
                    "a reservation may kill the daemon for ever"};
  no_breaker.forgets_mark = true;
  all.push_back(std::move(no_breaker));
  defect old_current{"forget_renames",
                     "the store's folder is not synced after a rename"};
  old_current.forgets_renames = true;
  all.push_back(std::move(old_current));
  defect littering{"leave_withdrawn",
                   "what is refused after a crash stays on the host"};
  littering.leaves_withdrawn = true;
  all.push_back(std::move(littering));
  defect unverified{"skip_verification", "signatures are not looked at"};
  unverified.on_settings = [](auto&, config::explorer_settings& explorer) {
    explorer.signatures = config::signature_policy::off;
  };
  all.push_back(std::move(unverified));
  defect credulous{"trust_any_clock", "a clock that jumps is believed"};
  credulous.trusts_any_clock = true;
  all.push_back(std::move(credulous));
  defect obedient{"obey_date", "the explorer's date is taken for the time"};
  obedient.obeys_explorers_date = obedient.trusts_any_clock = true;
  all.push_back(std::move(obedient));
  defect no_brake{"no_brake", "any number of deletions is carried out"};
  no_brake.on_settings = [](config::engine_settings& engine, auto&) {
    engine.deletions_share = engine.deletions_max = 0;
  };
  all.push_back(std::move(no_brake));
  return all;
}

} // namespace

const std::vector<defect>& all_defects() {
  static const std::vector<defect> all = [] {
    auto made = store_defects();
    for (auto& one : other_defects())
      made.push_back(std::move(one));
    return made;
  }();
  return all;
}

const defect* find_defect(std::string_view name) {
  for (auto& one : all_defects())
    if (one.name == name)
      return &one;
  return nullptr;
}

} // namespace provision::simulation
