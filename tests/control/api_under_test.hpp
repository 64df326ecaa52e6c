#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "control/api_server.hpp"
#include "http/http_server.hpp"
#include "tests/support/node_under_test.hpp"

namespace provision::testing {

/// What somebody got from the API.
struct api_answer {
  int status = 0;
  std::string body = {};
};

/// The API's actor beside the real actors of a node, without threads.
class api_under_test : public node_under_test {
public:
  /// Starts the node, and the API with it.
  void open() {
    start();
    reopen();
  }

  /// An API for the actors that run now.
  void reopen() {
    api = keep(system.spawn(provision::api,
                            node_actors{engine, cache, statser, feedback},
                            api_options{.node_id = key.node_id(),
                                        .explorer = "http://explorer",
                                        .types = {"volume", "container"},
                                        .clock = clock,
                                        .output = output,
                                        .usage = usage,
                                        .meter_has_thread = false}));
    run();
  }

  /// Status 0: no answer yet; it comes into the returned place, perhaps by
  /// another thread.
  std::shared_ptr<api_answer> request(std::string method, std::string target,
                                      std::string body = {},
                                      api_role role = api_role::admin) {
    auto got = std::make_shared<api_answer>();
    api_call call;
    call.request.method = std::move(method);
    call.request.target = std::move(target);
    call.request.body = std::move(body);
    call.role = role;
    call.reply = [got](http_server_response response) {
      got->body = std::move(response.body);
      std::atomic_ref{got->status} = response.status;
    };
    caf::anon_send(api, std::move(call));
    run();
    return got;
  }

  api_answer get(std::string target, api_role role = api_role::admin) {
    return *request("GET", std::move(target), {}, role);
  }

  provision::api_actor api;
  /// For the next reopen().
  usage_readers usage;
  /// What workloads write.
  output_reader output = {};
};

} // namespace provision::testing
