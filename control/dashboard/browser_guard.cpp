#include "control/dashboard/browser_guard.hpp"

#include <algorithm>
#include <string>

namespace provision {

namespace {

constexpr std::string_view not_our_name
  = "the Host header is none of this node's names; see dashboard.host";

std::string lower(std::string_view text) {
  std::string result{text};
  std::ranges::transform(result, result.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return result;
}

/// "[::1]:80" -> "[::1]", "node:80" -> "node"; anything else stays as it is,
/// and is nobody's name.
std::string_view without_port(std::string_view host) {
  auto colon = host.rfind(':');
  if (colon == std::string_view::npos || host.ends_with(']'))
    return host;
  auto port = host.substr(colon + 1);
  bool is_port
    = std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; });
  return is_port ? host.substr(0, colon) : host;
}

/// Following a link to the dashboard is fine; a page of another site that
/// fetches or embeds something from here is not.
bool is_from_another_site(const http_server_request& request) {
  auto site = request.header("sec-fetch-site");
  bool is_ours = site.empty() || site == "same-origin" || site == "none";
  return !is_ours && request.header("sec-fetch-mode") != "navigate";
}

} // namespace

bool is_own_host(std::string_view host, std::string_view own_name) {
  auto name = lower(without_port(host));
  return name == "localhost" || name == "127.0.0.1" || name == "[::1]"
         || (!own_name.empty() && name == lower(own_name));
}

std::string_view browser_complaint(const http_server_request& request,
                                   std::string_view own_name) {
  if (!is_own_host(request.header("host"), own_name))
    return not_our_name;
  if (is_from_another_site(request))
    return "another site's page may not ask here";
  return {};
}

std::string_view tunnel_complaint(const http_server_request& request,
                                  std::string_view own_name) {
  auto host = request.header("host");
  if (!is_own_host(host, own_name)
      && without_port(host).find('.') != std::string_view::npos)
    return not_our_name;
  if (is_from_another_site(request))
    return "another site's page may not ask here";
  // Browsers name the page that sends anything; no program of ours does.
  if (request.method != "GET" && !request.header("origin").empty())
    return "a web page gives no orders; use provisionctl";
  return {};
}

} // namespace provision
