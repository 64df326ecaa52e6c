#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "actors/engine.hpp"
#include "config/node_config.hpp"
#include "identity/node_key.hpp"
#include "tests/support/scratch_folder.hpp"

namespace provision::journeys {

/// The real engine with its own threads, a store on disk and real HTTP to an
/// explorer; only the provisioners are the test's.
class node_in_process {
public:
  explicit node_in_process(std::string explorer_url);
  ~node_in_process();

  /// Starts on the store as it is.
  void start();
  /// No error, or what engine::stop says.
  error stop(std::chrono::milliseconds patience = std::chrono::seconds{5});
  /// Waits for the threads of an engine that was stopped.
  void end() { engine.reset(); }
  void restart() {
    stop();
    end();
    start();
  }

  /// What the provisioners were asked: "provision 1-1", "decommission 1-1".
  std::vector<std::string> calls() const;
  std::size_t count(const std::string& call) const;

  /// The store of a stopped node.
  std::unique_ptr<reservation_store> open_store() const;

  /// What provisioning does; succeeds by default. Called by another thread.
  std::function<expected<std::string>(const reservation&)> on_provision;
  std::function<error(const reservation&)> on_decommission;

  /// May change what the engine is made of.
  std::function<void(engine_options&)> before_start = [](engine_options&) {};

  /// JSON lines for a second source; none if empty.
  std::string replay = {};
  std::vector<std::string> types = {"volume"};
  config::explorer_settings explorer = {};
  config::engine_settings settings = {};
  node_key key;
  std::unique_ptr<provision::engine> engine = {};

private:
  void add_explorer(engine_options& options);
  void add_replay(engine_options& options);
  void note(const std::string& call);

  test::scratch_folder folder_ = {};
  mutable std::mutex mutex_ = {};
  std::vector<std::string> calls_ = {};
};

/// The key of every node in these tests.
node_key key_of_the_node();

} // namespace provision::journeys
