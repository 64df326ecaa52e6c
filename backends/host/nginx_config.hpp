#pragma once

#include <map>
#include <string>

#include "backends/host/gateway_tools.hpp"

namespace provision {

/// Where an nginx listens, and what for.
struct nginx_doors {
  /// Folder of its socket, pid and buffers.
  std::string run = {};
  /// As its `listen` takes them; empty: nowhere.
  std::string http = {};
  std::string tls = {};
};

/// Where what comes in for a domain is passed: "10.0.0.1:80", "unix:/run/door";
/// empty: it is not.
struct nginx_route {
  std::string http = {};
  std::string tls = {};

  bool operator==(const nginx_route&) const = default;
};

/// By domain.
using nginx_routes = std::map<std::string, nginx_route>;

/// Where an nginx of nginx_config() says which configuration it runs by.
std::string nginx_socket(const nginx_doors& doors);

/// Whether a path can stand in its configuration.
bool nginx_takes(const std::string& path);

/// The whole configuration of an nginx that passes on HTTP by the Host header
/// and TLS, unopened, by the name of the server that is asked for. Whoever asks
/// for another name is hung up on. Domains are as parse_domain() yields them,
/// routes made of numbers and of nginx_takes() paths: nothing is escaped here.
std::string nginx_config(const gateway_tools& tools, const nginx_doors& doors,
                         const nginx_routes& routes);

/// Which configuration it is: what the nginx that runs by it says.
std::string nginx_generation(const std::string& config);

} // namespace provision
