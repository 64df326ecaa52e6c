// The engine as a library: a workload type of our own, fed from a file.
#include <condition_variable>
#include <fstream>
#include <iostream>
#include <mutex>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/engine.hpp"
#include "actors/sources/replay_source.hpp"
#include "identity/node_key.hpp"
#include "messages/json/json.hpp"
#include "persistence/memory/memory_reservation_store.hpp"

using namespace provision;

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: embed FILE.jsonl\n";
    return 2;
  }
  auto lines = std::make_shared<std::ifstream>(argv[1]);
  auto key = node_key::from_seed(secret{"32 bytes that only we may know.."});
  std::mutex mutex;
  std::condition_variable changed;
  bool finished = false;

  engine_options options;
  options.node_id = key->node_id();
  options.signer = std::make_shared<ed25519_signer>(*key);
  options.cache = std::make_unique<memory_reservation_store>();
  options.provisioners[reservation_type{"greeting"}]
    = {.provision = [](const reservation& r) -> expected<std::string> {
         std::cout << "hello, user " << r.user_id << " of " << r.id << '\n';
         return "{\"greeted\":" + json::quote(r.user_id) + "}";
       },
       .decommission = [](const reservation&) { return error{}; }};
  options.sources.push_back(
    {"file", [lines](caf::actor_system& system, std::uint64_t) {
       return system.spawn<caf::detached>(replay_source, lines,
                                          replay_source_options{});
     }});
  options.on_history_end = [&] {
    std::lock_guard guard{mutex};
    finished = true;
    changed.notify_one();
  };

  auto engine = *engine::make(std::move(options));
  if (auto failure = engine->start()) {
    std::cerr << to_string(failure) << '\n';
    return 1;
  }
  std::unique_lock lock{mutex};
  changed.wait(lock, [&] { return finished; });
  engine->stop(std::chrono::seconds{5});
}
