#pragma once

#include <functional>
#include <optional>
#include <string>

#include "explorer/http/origin.hpp"
#include "messages/error.hpp"

namespace provision {

/// Which proxy stands between the node and the explorer, as the customary
/// environment variables say it.
struct proxy_settings {
  /// Proxy for http:// URLs; empty: none. "host:port" means "http://host:port".
  std::string http = {};
  /// The same for https:// URLs.
  std::string https = {};
  /// Hosts reached directly, separated by commas: "*", a name with its
  /// subdomains, ".name" for the subdomains alone, an address, a block
  /// "10.0.0.0/8"; names and addresses may carry a ":port".
  std::string no_proxy = {};
};

/// Reads http_proxy, https_proxy and no_proxy, the upper-case names first, by
/// means of a function like getenv that yields nullptr for an unset variable.
proxy_settings
proxy_from_environment(const std::function<const char*(const char*)>& get);

/// The proxy to reach `target` through, nothing for a direct connection. The
/// local host is always reached directly, as Go programs do.
/// errc::invalid_configuration if the proxy is not an http:// URL.
expected<std::optional<origin>> proxy_for(const proxy_settings& settings,
                                          const origin& target);

} // namespace provision
