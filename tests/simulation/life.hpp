#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include <caf/actor_system.hpp>

#include "actors/engine_loop.hpp"
#include "actors/statser.hpp"
#include "config/node_config.hpp"
#include "persistence/in_flight_mark.hpp"
#include "persistence/reservation_store.hpp"
#include "tests/simulation/defects.hpp"
#include "tests/simulation/explorer.hpp"
#include "tests/simulation/operator.hpp"
#include "tests/simulation/provisioners.hpp"

namespace provision::simulation {

/// What a life of the node is started with.
struct birth {
  caf::actor_system& system;
  std::shared_ptr<const wall_clock> clock = {};
  std::unique_ptr<reservation_store> store = {};
  std::shared_ptr<in_flight_mark> mark = {};
  sim_explorer& explorer;
  sim_host& host;
  std::string node_id = {};
  std::shared_ptr<const signer> key = {};
  resources capacity = {};
  /// Null: the clock is always believed.
  std::shared_ptr<clock_guard> guard = {};
  operator_conduct by_operator = {};
  config::engine_settings settings = {};
  config::explorer_settings polling = {};
  std::function<double()> random = {};
  defect planted = {};
};

/// The node from one start to its death: all actors of the real one.
class life {
public:
  /// errc of the store if it cannot be read.
  static expected<std::unique_ptr<life>> start(birth given);

  /// From now on it reaches nothing outside.
  void cut();
  /// Ends all actors; the caller delivers the exits.
  void kill();

  bool is_ready() const noexcept { return *ready_; }
  const ledger& numbers() const noexcept { return *numbers_; }
  void reconcile();

private:
  life() = default;

  std::shared_ptr<ledger> numbers_ = {};
  std::shared_ptr<explorer_link> explorer_ = {};
  std::shared_ptr<host_link> host_ = {};
  std::shared_ptr<bool> ready_ = std::make_shared<bool>(false);
  std::shared_ptr<std::vector<caf::strong_actor_ptr>> actors_
    = std::make_shared<std::vector<caf::strong_actor_ptr>>();
  source_actor source_ = {};
};

} // namespace provision::simulation
