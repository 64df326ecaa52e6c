#pragma once

#include <functional>
#include <memory>
#include <string>

#include "actors/engine.hpp"
#include "actors/poll_numbers.hpp"
#include "config/node_config.hpp"
#include "control/api_server.hpp"
#include "daemon/heartbeat.hpp"
#include "messages/error.hpp"

namespace provision {

/// Where things are kept below the data folder.
struct node_paths {
  explicit node_paths(const config::node_config& settings);

  std::string identity;
  std::string store;
  std::string volumes;
  std::string networks;
  std::string containers;
  std::string machines;
  std::string zdb;
  std::string gateway;
  std::string ipv6_gateway;
  std::string public_ips;
  std::string images;
  std::string own_images;
  std::string api;
};

/// What a running node was made of, for the start-up message.
struct node_summary {
  std::string node_id = {};
  std::string explorer = {};
  std::string volumes = {};
  /// How networks are made; "none" if they are not.
  std::string networks = {};
  /// How containers are run; "none" if they are not.
  std::string containers = {};
  /// How machines are run; "none" if they are not.
  std::string machines = {};
  /// By what namespaces are served; "none" if they are not.
  std::string namespaces = {};
  /// By what proxies are served, and zones kept; "none" if they are not.
  std::string proxies = {};
  std::string zones = {};
  /// How clients get into the IPv6 internet; "none" if they do not.
  std::string ipv6 = {};
  /// How public addresses are guarded; "none" if there are none.
  std::string public_ips = {};
  std::uint64_t live_records = 0;
  std::size_t salvaged = 0;
  /// What the node lends out.
  statser_limits limits = {};
};

/// A node wired from its settings. This is the only place that knows every
/// concrete type.
struct node {
  std::unique_ptr<provision::engine> engine = {};
  node_summary summary = {};
  std::shared_ptr<api_door> door = {};
  /// How the explorer's polls go; null: there is no explorer.
  std::shared_ptr<poll_numbers> polls = {};
};

/// What the node tells of its life.
struct node_events {
  /// What it does before it is ready, for people.
  std::function<void(const std::string&)> on_starting
    = [](const std::string&) {};
  std::function<void()> on_ready = [] {};
  heartbeat_options heart = {};
};

/// Makes everything the settings ask for: identity, store, explorer, back-ends
/// and the engine; nothing runs yet. Errors name the setting or the file.
expected<node> wire(const config::node_config& settings, node_events events);

} // namespace provision
