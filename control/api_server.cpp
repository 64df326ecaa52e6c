#include "control/api_server.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <mutex>

#include "control/dashboard/browser_guard.hpp"
#include "control/dashboard/page_answer.hpp"

namespace provision {

struct api_door::place {
  std::mutex mutex = {};
  /// Weak: a door must not keep a stopped node.
  caf::weak_actor_ptr api = {};
};

std::shared_ptr<api_door::place> api_door::make_place() {
  return std::make_shared<place>();
}

std::function<caf::strong_actor_ptr(caf::actor_system&, const node_actors&)>
api_door::companion() {
  return [place = place_, options = options_](caf::actor_system& system,
                                              const node_actors& peers) {
    // On a thread of its own: writing a long page takes none of the engine's.
    auto strong = caf::actor_cast<caf::strong_actor_ptr>(
      system.spawn<caf::detached>(api, peers, options));
    std::lock_guard lock{place->mutex};
    place->api = caf::actor_cast<caf::weak_actor_ptr>(strong);
    return strong;
  };
}

void api_door::pass(const http_server_request& request, api_role role,
                    http_reply reply) const {
  caf::strong_actor_ptr api;
  {
    std::lock_guard lock{place_->mutex};
    api = place_->api.lock();
  }
  if (!api)
    return reply({.status = 503,
                  .body = "{\"error\":{\"code\":\"shutting_down\","
                          "\"message\":\"the node is not running\"}}\n"});
  caf::anon_send(caf::actor_cast<api_actor>(api),
                 api_call{request, role, std::move(reply), {}});
}

namespace {

/// Answers what a browser asks for, and refuses what it must not; false:
/// nothing of that.
bool serve_browser(const http_server_request& request,
                   const std::string& own_name, const http_reply& reply) {
  http_server_response response;
  if (auto why = tunnel_complaint(request, own_name); !why.empty())
    response = {.status = 403, .body = std::string{why} + "\n"};
  else if (auto page = page_answer(request))
    response = std::move(*page);
  else
    return false;
  confine(response);
  reply(std::move(response));
  return true;
}

} // namespace

expected<std::unique_ptr<http_server>> serve_api(const std::string& path,
                                                 access_rules rules,
                                                 std::shared_ptr<api_door> door,
                                                 std::string own_name) {
  http_server_options options;
  options.unix_path = path;
  // Whoever gets through here is asked who it is.
  options.unix_mode = rules.is_shared() ? 0666 : 0600;
  options.admit = [rules](const http_peer& peer) {
    return rules.role_of(peer).has_value();
  };
  // Reservations to submit; all connections together stay below 32 MiB.
  options.body_bytes_max = 1U << 20U;
  options.header_bytes_max = 16U << 10U;
  options.connections_max = 32;
  options.idle_timeout = std::chrono::seconds{30};
  options.transfer_timeout = std::chrono::seconds{5};
  return http_server::start(
    std::move(options),
    [rules, door, own_name = std::move(own_name)](
      const http_server_request& request, http_reply reply) {
      if (serve_browser(request, own_name, reply))
        return;
      auto role = rules.role_of(*request.peer);
      door->pass(request, role.value_or(api_role::reader), std::move(reply));
    });
}

} // namespace provision
