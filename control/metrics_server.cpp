#include "control/metrics_server.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "config/listen_address.hpp"

namespace provision {

namespace {

/// What may be read without saying who one is.
bool is_public(const http_server_request& request) {
  static constexpr std::array<std::string_view, 3> paths{"/livez", "/readyz",
                                                         "/metrics"};
  std::string_view path = request.target;
  path = path.substr(0, path.find('?'));
  return request.method == "GET"
         && std::find(paths.begin(), paths.end(), path) != paths.end();
}

} // namespace

expected<std::unique_ptr<http_server>>
serve_metrics(const config::metrics_settings& settings,
              std::shared_ptr<api_door> door) {
  if (settings.listen.empty())
    return std::unique_ptr<http_server>{};
  auto at = config::parse_listen_address(settings.listen);
  if (!at)
    return fail(at.error().code, "metrics.listen: " + at.error().message);
  http_server_options options;
  options.address = at->host;
  options.port = at->port;
  options.body_bytes_max = 0;
  options.header_bytes_max = 8U << 10U;
  options.connections_max = 8;
  options.idle_timeout = std::chrono::seconds{30};
  options.transfer_timeout = std::chrono::seconds{5};
  return http_server::start(
    std::move(options),
    [door](const http_server_request& request, http_reply reply) {
      if (is_public(request))
        return door->pass(request, api_role::reader, std::move(reply));
      http_server_response refusal{.status = 404,
                                   .body = "only /livez, /readyz and /metrics "
                                           "are here\n"};
      refusal.headers.emplace_back("Content-Type", "text/plain");
      reply(std::move(refusal));
    });
}

} // namespace provision
