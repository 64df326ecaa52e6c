#pragma once

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "actors/feedback.hpp"
#include "tests/actors/asking.hpp"

namespace provision::testing::reporting {

/// What a cache keeps of an outbox, and how it was used.
struct outbox {
  std::map<std::uint64_t, outbox_row> rows = {};
  std::vector<outbox_row> parked = {};
  std::uint64_t read = 0;
  std::size_t writes = 0;
  error failure = {};
  /// What a disk that is full makes of every write.
  error write_failure = {};
  std::optional<std::uint64_t> look_again_from = {};
};

inline cache_actor::behavior_type outbox_cache(cache_actor::pointer,
                                               std::shared_ptr<outbox> kept) {
  auto unused = [] { return to_caf({errc::storage_failure, "not here"}); };
  return {
    [=](accept_page&) -> caf::result<accepted_page> { return unused(); },
    [=](recall_glances&) -> caf::result<recalled_glances> { return unused(); },
    [=](const outcome_group&) -> caf::result<settled_outcomes> {
      return unused();
    },
    [=](rearm_pending&) -> caf::result<rearmed_pending> { return unused(); },
    [=](find_expired&) -> caf::result<expired_records> { return unused(); },
    [=](read_outbox& request) -> caf::result<outbox_rows> {
      if (kept->failure)
        return to_caf(kept->failure);
      outbox_rows reply;
      for (auto i = kept->rows.upper_bound(request.after);
           i != kept->rows.end() && reply.rows.size() < request.count_max; ++i)
        reply.rows.push_back(i->second);
      kept->read += reply.rows.size();
      return reply;
    },
    [=](close_reports& request) -> caf::result<closed_reports> {
      ++kept->writes;
      if (kept->write_failure)
        return to_caf(kept->write_failure);
      for (auto sequence : request.delivered)
        kept->rows.erase(sequence);
      for (auto& row : request.parked) {
        kept->rows.erase(row.sequence);
        kept->parked.push_back(row);
      }
      return closed_reports{std::exchange(kept->look_again_from, {})};
    },
    [=](find_record&) -> caf::result<found_record> { return unused(); }};
}

/// A source that is asked to look again.
inline source_actor::behavior_type
listening_source(source_actor::pointer,
                 std::shared_ptr<std::vector<std::uint64_t>> looked) {
  return {[](next_page) -> caf::result<source_page> { return source_page{}; },
          [=](reconcile_source wish) {
            BOOST_CHECK(wish.when_idle);
            looked->push_back(wish.from);
          }};
}

/// An explorer that answers as the test says, or when the test says.
class moody_explorer final : public feedbacker {
public:
  void feedback(const std::string&, const std::string& id, const std::string&,
                callback done) override {
    take("result " + id, std::move(done));
  }
  void deleted(const std::string&, const std::string& id,
               callback done) override {
    take("deleted " + id, std::move(done));
  }
  void update_stats(const std::string&, const workload_amount& counts,
                    const resource_amount&, callback done) override {
    volumes.push_back(counts.volume);
    if (holds)
      waiting.emplace_back("numbers", std::move(done));
    else
      done(answer("numbers"));
  }

  void take(std::string what, callback done) {
    heard.push_back(what);
    if (holds)
      waiting.emplace_back(std::move(what), std::move(done));
    else
      done(answer(what));
  }

  /// Answers everything that waits.
  void release(error failure = {}) {
    for (auto& [what, done] : std::exchange(waiting, {}))
      done(failure);
  }

  std::vector<std::string> heard = {};
  std::vector<int> volumes = {};
  bool holds = false;
  std::vector<std::pair<std::string, callback>> waiting = {};
  std::function<error(const std::string&)> answer
    = [](const std::string&) { return error{}; };
};

inline const error away{errc::explorer_unreachable, "refused"};
inline const error broken{errc::explorer_failed, "internal error", 500};

/// Feedback between an outbox, a source and an explorer.
struct feedback_under_test : deterministic {
  void start() {
    actor = spawn(feedback_behavior, spawn(outbox_cache, kept),
                  spawn(listening_source, looked), explorer, options);
    run();
  }

  /// A row that is durable already.
  outbox_row row(std::string id, report_kind kind = report_kind::result) {
    outbox_row made{++sequence, kind, std::move(id), "{}"};
    kept->rows.emplace(sequence, made);
    return made;
  }

  void send(std::vector<outbox_row> rows) {
    caf::anon_send(actor, send_reports{std::move(rows)});
    run();
  }

  void send_volumes(std::uint16_t count) {
    current_numbers numbers;
    numbers.workloads.volume = count;
    caf::anon_send(actor, send_numbers{numbers});
    run();
  }

  std::size_t times(const std::string& what) {
    return static_cast<std::size_t>(
      std::count(explorer->heard.begin(), explorer->heard.end(), what));
  }

  feedback_status status() {
    return *ask<feedback_status>(actor, read_feedback_status{});
  }

  std::shared_ptr<outbox> kept = std::make_shared<outbox>();
  std::shared_ptr<moody_explorer> explorer = std::make_shared<moody_explorer>();
  feedback_options options = {.node_id = "node",
                              .retry = {.first = std::chrono::seconds{1},
                                        .max = std::chrono::seconds{8},
                                        .growth = 2.0}};
  std::uint64_t sequence = 0;
  std::shared_ptr<std::vector<std::uint64_t>> looked
    = std::make_shared<std::vector<std::uint64_t>>();
  feedback_actor actor;
};

} // namespace provision::testing::reporting
