#pragma once

#include <string_view>

#include "http/http_server.hpp"

/// A browser is at the service of every web page that is open in it. Another
/// site's page cannot read what the node answers, unless its own name is made
/// to mean this host, and could send orders without reading anything. So it is
/// looked under which name and from where a browser asks.
namespace provision {

/// Whether a Host header names this node by the loopback ("localhost",
/// "127.0.0.1", "[::1]") or by `own_name`; with any port or none.
bool is_own_host(std::string_view host, std::string_view own_name);

/// Why a request over TCP is not answered; empty: it may be.
std::string_view browser_complaint(const http_server_request& request,
                                   std::string_view own_name);

/// The same for the unix socket, where a browser can come only through a
/// tunnel. There any name without a dot is fine, because no site has one, and
/// programs put there what they like.
std::string_view tunnel_complaint(const http_server_request& request,
                                  std::string_view own_name);

} // namespace provision
