#pragma once

#include <boost/test/unit_test.hpp>

#include <signal.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <functional>
#include <initializer_list>
#include <string>

#include "tests/journeys/node_process.hpp"
#include "tests/journeys/processes.hpp"
#include "tests/support/patience.hpp"

/// What tests do with a daemon's worker processes.
namespace provision::journeys {

/// A section of a configuration by which these types have workers.
inline std::string isolating(std::initializer_list<std::string> types) {
  std::string list;
  for (const auto& type : types)
    list += (list.empty() ? "\"" : ", \"") + type + '"';
  return "[provisioners]\nisolate = [" + list + "]\n";
}

/// The worker of a type that runs; 0 if there is none.
inline pid_t worker_of(const node_process& node, const std::string& type) {
  // The kernel keeps so much of a name.
  constexpr std::size_t name_size = 15;
  const auto name = (type + "-worker").substr(0, name_size);
  pid_t found = 0;
  for (const auto& child : children_of(node.pid()))
    if (child.name == name && child.state != 'Z')
      found = child.pid;
  return found;
}

/// Stops the worker, so that its next call stays with it.
inline pid_t hold_worker(const node_process& node, const std::string& type) {
  const auto held = worker_of(node, type);
  BOOST_REQUIRE_MESSAGE(held > 0, "no worker for " + type + node.log());
  ::kill(held, SIGSTOP);
  BOOST_REQUIRE(test::eventually([&] { return look_at(held)->state == 'T'; }));
  return held;
}

/// The id in the node's mark (docs/on_disk.md), also of a node that died; empty
/// if nothing was at a provisioner.
inline std::string in_flight(const node_process& node) {
  std::ifstream file{node.data_dir() + "/store/in_flight"};
  std::uint32_t check = 0;
  std::uint32_t size = 0;
  file.read(reinterpret_cast<char*>(&check), sizeof check);
  file.read(reinterpret_cast<char*>(&size), sizeof size);
  std::string id(file ? std::min(size, 512U) : 0U, '\0');
  file.read(id.data(), static_cast<std::streamsize>(id.size()));
  return id;
}

inline bool is_at_work_on(const node_process& node, const std::string& id) {
  return in_flight(node) == id;
}

/// Waits until a worker that is held was asked for `id`.
inline void await_call(const node_process& node, const std::string& id) {
  using namespace std::chrono_literals;
  BOOST_REQUIRE_MESSAGE(
    test::eventually([&] { return is_at_work_on(node, id); }), node.log());
  // The order is on its way to the socket.
  BOOST_REQUIRE(test::stays([&] { return is_at_work_on(node, id); }, 50ms));
}

/// Kills the worker of a type, at rest, and waits for the next one.
inline void replace_worker(const node_process& node, const std::string& type) {
  const auto first = worker_of(node, type);
  BOOST_REQUIRE_MESSAGE(first > 0, "no worker for " + type + node.log());
  ::kill(first, SIGKILL);
  BOOST_REQUIRE_MESSAGE(test::eventually([&] {
                          const auto now = worker_of(node, type);
                          return now > 0 && now != first;
                        }),
                        node.log());
}

/// Kills the worker of a type while it is at work on `id`, which `order` asks
/// for.
inline void kill_at_work(const node_process& node, const std::string& type,
                         const std::string& id,
                         const std::function<void()>& order) {
  const auto held = hold_worker(node, type);
  order();
  await_call(node, id);
  ::kill(held, SIGKILL);
}

} // namespace provision::journeys
