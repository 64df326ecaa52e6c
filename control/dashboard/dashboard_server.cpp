#include "control/dashboard/dashboard_server.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "config/listen_address.hpp"
#include "control/dashboard/browser_guard.hpp"
#include "control/dashboard/page_answer.hpp"

namespace provision {

namespace {

/// What the page asks. All of it is for readers; none of it changes anything.
bool is_asked_by_page(const http_server_request& request) {
  static constexpr std::array<std::string_view, 9> paths{
    "/metrics",       "/v1/status",       "/v1/events",
    "/v1/types",      "/v1/capacity",     "/v1/waiting",
    "/v1/quarantine", "/v1/reservations", "/v1/outbox"};
  std::string_view path = request.target;
  path = path.substr(0, path.find('?'));
  return request.method == "GET"
         && (std::ranges::find(paths, path) != paths.end()
             || path.starts_with("/v1/reservations/"));
}

http_server_response refusal(int status, std::string_view why) {
  http_server_response response{.status = status,
                                .body = std::string{why} + "\n"};
  response.headers.emplace_back("Content-Type", "text/plain; charset=utf-8");
  return response;
}

void serve_one(const api_door& door, const std::string& own_name,
               const http_server_request& request, http_reply reply) {
  auto confined = [reply = std::move(reply)](http_server_response response) {
    confine(response);
    reply(std::move(response));
  };
  constexpr int misdirected = 421;
  constexpr int forbidden = 403;
  constexpr int not_found = 404;
  if (auto why = browser_complaint(request, own_name); !why.empty())
    return confined(refusal(
      is_own_host(request.header("host"), own_name) ? forbidden : misdirected,
      why));
  if (auto page = page_answer(request))
    return confined(std::move(*page));
  if (!is_asked_by_page(request))
    return confined(refusal(not_found, "only the dashboard and what it reads "
                                       "are here"));
  door.pass(request, api_role::reader, confined);
}

} // namespace

expected<std::unique_ptr<http_server>>
serve_dashboard(const config::dashboard_settings& settings,
                std::shared_ptr<api_door> door) {
  if (settings.listen.empty())
    return std::unique_ptr<http_server>{};
  auto at = config::parse_listen_address(settings.listen);
  if (!at)
    return fail(at.error().code, "dashboard.listen: " + at.error().message);
  http_server_options options;
  options.address = at->host;
  options.port = at->port;
  options.body_bytes_max = 0;
  options.header_bytes_max = 16U << 10U;
  options.connections_max = 32;
  options.idle_timeout = std::chrono::seconds{30};
  options.transfer_timeout = std::chrono::seconds{5};
  return http_server::start(
    std::move(options),
    [door, own_name = settings.host](const http_server_request& request,
                                     http_reply reply) {
      serve_one(*door, own_name, request, std::move(reply));
    });
}

} // namespace provision
