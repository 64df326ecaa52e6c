#pragma once

#include <memory>
#include <string>

#include "control/access.hpp"
#include "control/api.hpp"
#include "http/http_server.hpp"

namespace provision {

/// Where the API's actor is found once the engine has started. It lives in the
/// engine, and the servers outside it.
class api_door {
public:
  explicit api_door(api_options options) : options_{std::move(options)} {}

  /// For engine_options::companions.
  std::function<caf::strong_actor_ptr(caf::actor_system&, const node_actors&)>
  companion();

  /// From any thread; answers 503 if there is no API any more.
  void pass(const http_server_request& request, api_role role,
            http_reply reply) const;

private:
  struct place;

  api_options options_;
  std::shared_ptr<place> place_ = make_place();
  static std::shared_ptr<place> make_place();
};

/// Serves the API and the dashboard at `path`; `own_name` is the name, apart
/// from the loopback's, by which browsers may ask through a tunnel. Its limits:
/// 32 connections, 16 KiB of headers, 1 MiB of body, 30 s for a next request,
/// 5 s to take an answer. errc::invalid_configuration if the path cannot be
/// used.
expected<std::unique_ptr<http_server>> serve_api(const std::string& path,
                                                 access_rules rules,
                                                 std::shared_ptr<api_door> door,
                                                 std::string own_name = {});

} // namespace provision
