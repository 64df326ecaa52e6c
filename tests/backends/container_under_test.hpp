#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "backends/host/host_container_backend.hpp"
#include "tests/backends/container_host.hpp"

namespace provision::test {

inline bool contains(const std::string& text, const std::string& part) {
  BOOST_TEST_INFO("in: " << text);
  return text.find(part) != std::string::npos;
}

struct container_fixture : container_host {
  std::shared_ptr<output_forwarding> forwarding(sampling_pace pace = {}) const {
    auto made = output_forwarding::start(
      {.folder = workloads_folder(),
       .may_reach = [](const auto&) { return true; },
       .pace = std::move(pace),
       .on_change = [](const auto&, auto, const auto&) {}});
    BOOST_REQUIRE(made);
    return std::move(*made);
  }

  static std::vector<output_target> outputs_at(std::uint16_t port) {
    const auto at = "redis://127.0.0.1:" + std::to_string(port);
    return {{output_stream::output, parse_redis_channel(at + "/out").value()},
            {output_stream::errors, parse_redis_channel(at + "/err").value()}};
  }

  bool says(const std::string& part, const std::string& id = "200-1") {
    const bool said
      = eventually([&] { return output(id).find(part) != std::string::npos; });
    BOOST_TEST_INFO("it said: " << output(id));
    return said;
  }

  bool is_over(host_container_backend& all, const std::string& id = "200-1") {
    return eventually(
      [&] { return all.inspect(id).state == presence::partial; });
  }

  /// A line of what the kernel says of its first process.
  std::string status(host_container_backend& all, const std::string& key) {
    const auto text = shim::read_small(
      "/proc/" + std::to_string(all.inspect("200-1").pid) + "/status");
    const auto at = text.find("\n" + key + ":");
    if (at == std::string::npos)
      return {};
    const auto from = text.find_first_not_of(" \t", at + key.size() + 2);
    return text.substr(from, text.find('\n', from) - from);
  }
};

/// Whether somebody at this address of a namespace takes a connection.
inline bool answers(const std::string& space, const std::string& address,
                    std::uint16_t port) {
  bool taken = false;
  net_space::visit(space, [&] {
    const file_descriptor socket{
      ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_in to = {};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    ::inet_pton(AF_INET, address.c_str(), &to.sin_addr);
    taken = ::connect(socket.number(), reinterpret_cast<const sockaddr*>(&to),
                      sizeof to)
            == 0;
  });
  return taken;
}

/// Breaks `action` off at its first, second, ... step until it gets through.
inline void
break_everywhere(container_fixture& host,
                 const std::function<error(host_container_backend&)>& action,
                 const std::function<void()>& afterwards,
                 const std::function<void(host_container_options&)>& more
                 = {}) {
  for (int passed = 0;; ++passed) {
    BOOST_REQUIRE_LT(passed, 30);
    int left = passed;
    auto options = host.options_for();
    options.before_step = [&](std::string_view step) -> error {
      if (left-- > 0)
        return {};
      return {errc::backend_failure, "broken off at " + std::string{step}};
    };
    if (more)
      more(options);
    const auto broken = action(
      *std::move(host_container_backend::open(std::move(options))).value());
    BOOST_TEST_CONTEXT("after " << passed << " steps: " << why_not(broken)) {
      afterwards();
    }
    if (!broken)
      return;
  }
}

} // namespace provision::test
