#pragma once

#include <memory>
#include <string>
#include <vector>

#include "actors/counters_stream.hpp"
#include "persistence/memory/memory_reservation_store.hpp"
#include "tests/conformance/outcome.hpp"
#include "tests/conformance/polling.hpp"
#include "tests/support/node_under_test.hpp"

namespace provision::conformance {

/// The explorer of a recording without HTTP: answers as its script says.
class scripted_feedback final : public feedbacker {
public:
  scripted_feedback(script& answers, outcome& seen)
    : answers_{answers}, seen_{seen} {}

  void feedback(const std::string& node_id, const std::string& id,
                const std::string& body, callback done) override;
  void deleted(const std::string& node_id, const std::string& id,
               callback done) override;
  void update_stats(const std::string& node_id, const workload_amount& counts,
                    const resource_amount& units, callback done) override;

  /// Nothing is asked of the node: numbers that did not change are superfluous.
  bool is_idle = false;

private:
  error answer(const script::facts& call);

  script& answers_;
  outcome& seen_;
};

/// Our engine with all its actors, without threads, in the surroundings of a
/// recording.
class engine_run : public provision::testing::deterministic {
public:
  explicit engine_run(const trace& recording);
  ~engine_run();

  /// Writes files of the original's cache.
  void preload(const value& step);
  /// Imports them and starts, on the records that are there.
  void start(const value& step);
  void restart(const value& step);
  void give(const std::vector<std::string>& texts, bool history_end);
  void wait(std::chrono::seconds span);
  void decommission_cached(const std::string& id, const std::string& reason);
  void read_counters_stream(int count);
  /// Lets pauses pass while anything is left to do, and reads the end.
  void settle();

  outcome did = {};
  std::vector<std::string> problems = {};

private:
  void spawn_node(const value& step);
  std::vector<source_actor> spawn_sources(const value& step);
  std::shared_ptr<feedbacker> make_feedback();
  std::map<reservation_type, provisioner_factory> provisioners();
  expected<std::string> provision(const reservation& what);
  error decommission(const reservation& what);
  void note_request(const seen_request& request);

  const trace& recording_;
  script script_;
  std::string folder_;
  node_key key_ = provision::testing::a_node_key();
  std::shared_ptr<memory_contents> disk_ = std::make_shared<memory_contents>();
  memory_reservation_store view_{{}, disk_};
  std::shared_ptr<ledger> numbers_ = {};
  std::shared_ptr<scripted_transport> transport_ = {};
  std::shared_ptr<explorer_client> client_ = {};
  std::shared_ptr<scripted_poller> poller_ = {};
  std::shared_ptr<scripted_feedback> told_ = {};
  std::vector<caf::strong_actor_ptr> running_ = {};
  provision::testing::scripted_source_actor source_ = {};
  statser_actor statser_ = {};
  feedback_actor feedback_ = {};
  engine_actor engine_ = {};
};

} // namespace provision::conformance
