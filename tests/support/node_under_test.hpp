#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/engine_loop.hpp"
#include "actors/feedback.hpp"
#include "actors/provisioners/function_provisioner.hpp"
#include "actors/statser.hpp"
#include "identity/node_key.hpp"
#include "persistence/memory/memory_reservation_store.hpp"
#include "tests/support/deterministic.hpp"

namespace provision::testing {

/// A source that hands over what the test gives it.
struct scripted_source_state {
  static inline const char* name = "scripted source";

  std::deque<source_page> pages = {};
  std::optional<caf::typed_response_promise<source_page>> asked = {};
};

struct give_page {
  source_page page = {};
};

} // namespace provision::testing

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(provision::testing::give_page)

namespace provision::testing {

using scripted_source_actor = source_actor::extend<caf::reacts_to<give_page>>;

scripted_source_actor::behavior_type scripted_source(
  scripted_source_actor::stateful_pointer<scripted_source_state> self);

/// What a scripted explorer was told.
struct report {
  /// "result" or "deleted".
  std::string kind = {};
  std::string id = {};
  std::string body = {};

  bool operator==(const report&) const = default;
};

/// An explorer that notes what it is told and answers as the test says.
class scripted_explorer final : public feedbacker {
public:
  void feedback(const std::string&, const std::string& id,
                const std::string& body, callback done) override;
  void deleted(const std::string&, const std::string& id,
               callback done) override;
  void update_stats(const std::string&, const workload_amount& counts,
                    const resource_amount& units, callback done) override;

  /// "result 100-1", "deleted 100-1", ... in order of arrival.
  std::vector<std::string> heard() const;

  std::vector<report> reports = {};
  std::vector<current_numbers> numbers = {};
  /// The answer to a report; accepts by default.
  std::function<error(const report&)> answer
    = [](const report&) { return error{}; };
  /// Answers nobody, as one whose connections hang.
  bool is_silent = false;

private:
  void take(report what, const callback& done);
};

/// The key of the vectors: seed "helloworldhelloworldhelloworld12".
node_key a_node_key();

/// The whole engine with its real actors and an in-memory store, without
/// threads; sources, explorer and provisioners are the test's.
class node_under_test : public deterministic {
public:
  node_under_test();

  /// What the provisioners were asked: "provision 100-1", "decommission ...".
  std::vector<std::string> calls = {};
  /// What provisioning does per reservation; succeeds by default.
  std::function<expected<std::string>(const reservation&)> on_provision;
  std::function<error(const reservation&)> on_decommission;
  std::function<error()> before_apply;
  /// Provisioners that are no plain functions, in place of the usual ones.
  std::map<reservation_type, provisioner_factory> special = {};
  std::map<reservation_type, std::string> refusals = {};
  statser_limits limits = {};
  /// What the node offers besides.
  std::vector<std::string> offered
    = {"volume",           "zdb",       "container", "kubernetes", "network",
       "network_resource", "public_ip", "debug"};

  std::shared_ptr<scripted_explorer> explorer
    = std::make_shared<scripted_explorer>();
  std::shared_ptr<ledger> numbers = {};
  std::shared_ptr<in_flight_mark> mark = std::make_shared<in_flight_mark>();
  config::engine_settings settings = {};
  /// Name and clock are the node's.
  feedback_options feedback_settings = {};
  config::signature_policy signatures = config::signature_policy::off;
  std::shared_ptr<key_directory> keys = {};
  node_key key = a_node_key();
  /// Null: the clock is always believed.
  std::shared_ptr<clock_guard> guard = {};

  /// Starts all actors on the store as it is.
  void start();
  /// Ends them, as a crash would.
  void die();
  /// And starts new ones on the same store.
  void restart();

  /// One page of reservations in the node's own form.
  void give(std::vector<reservation> page);
  void give(source_page page);

  /// The store's contents, seen beside the running node.
  reservation_store& store() { return view_; }
  std::optional<record> find(const std::string& id);
  engine_status status();

  source_actor source;
  archive_actor cache;
  statser_actor statser;
  feedback_actor feedback;
  engine_actor engine;

private:
  std::shared_ptr<memory_contents> disk_ = std::make_shared<memory_contents>();
  memory_reservation_store view_{{}, disk_};
  scripted_source_actor script_;
  std::vector<caf::strong_actor_ptr> running_ = {};
};

/// A valid reservation of type volume: 10 GiB, ssd.
reservation a_volume(std::string id);

} // namespace provision::testing
