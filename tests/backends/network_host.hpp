#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backends/host/command.hpp"
#include "backends/host/host_network_backend.hpp"
#include "backends/host/net_space.hpp"
#include "backends/host/network_names.hpp"
#include "tests/backends/a_network.hpp"
#include "tests/backends/host_traces.hpp"
#include "tests/backends/scratch_pool.hpp"
#include "tests/support/why_not.hpp"

namespace provision::test {

/// Whether networks can be made here; says so if not.
inline boost::test_tools::assertion_result
networks_are_possible(boost::unit_test::test_unit_id) {
  const auto can = probe_network().ability;
  boost::test_tools::assertion_result result{can.state
                                             != ability::level::missing};
  const auto why = "needs networks: " + can.reason + "; " + can.remedy;
  result.message() << why;
  if (!result)
    std::cout << "SKIP: " << why << '\n';
  return result;
}

/// Two nodes, "a" at 192.0.2.1 and "b" at 192.0.2.2, whose underlays are
/// namespaces with a cable in between. At the end it is checked that nothing
/// of them stays.
class network_host {
public:
  network_host() : traces_{marks()} {
    auto pattern
      = (std::filesystem::temp_directory_path() / "networks-XXXXXX").string();
    BOOST_REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    folder = pattern;
    for (const auto* node : {"a", "b"})
      ip({"netns", "add", underlay(node)});
    ip({"-n", underlay("a"), "link", "add", "wire", "type", "veth", "peer",
        "name", "wire", "netns", underlay("b")});
    for (const auto& [node, own] :
         {std::pair{"a", "192.0.2.1/24"}, std::pair{"b", "192.0.2.2/24"}}) {
      ip({"-n", underlay(node), "address", "add", own, "dev", "wire"});
      ip({"-n", underlay(node), "link", "set", "wire", "up"});
    }
  }

  ~network_host() {
    ip({"-n", underlay("a"), "link", "delete", "wire"});
    for (const auto* node : {"a", "b"})
      ip({"netns", "delete", underlay(node)});
    std::filesystem::remove_all(folder);
    // A process whose device was taken from it ends in its own time.
    for (int turns = 0; turns < 5000 && reap_launched() != 0; ++turns)
      ::poll(nullptr, 0, 1);
    BOOST_CHECK_EQUAL(host_traces{marks()}.beyond(traces_), "");
  }

  network_host(const network_host&) = delete;
  network_host& operator=(const network_host&) = delete;

  static std::string node_id(const std::string& node) {
    return "test-" + std::to_string(::getpid()) + node;
  }
  static std::string underlay(const std::string& node) {
    return "provision-" + node_id(node);
  }
  static network_names names(const std::string& node,
                             const std::string& id = "blue") {
    return {node_id(node), id};
  }

  expected<std::unique_ptr<host_network_backend>>
  open(const std::string& node, step_hook before_step = {}) const {
    return host_network_backend::open(
      {.node_id = node_id(node),
       .folder = folder + '/' + node,
       .underlay = underlay(node),
       .tools = tools,
       // The key stands in the clear here.
       .open_key
       = [](std::string_view key) -> expected<secret> { return secret{key}; },
       .before_step = std::move(before_step)});
  }

  void ip(std::vector<std::string> words) const {
    const auto done = run({.program = tools.ip, .arguments = words});
    BOOST_CHECK_MESSAGE(done, why(done));
  }

  /// What a program says inside a namespace.
  std::string inside(const std::string& space, const std::string& program,
                     std::vector<std::string> words) const {
    const auto said = net_space::ask(space, [&] {
      return run({.program = program, .arguments = std::move(words)});
    });
    return said ? said->out : "failed: " + to_string(said.error());
  }

  const network_tools tools = probe_network().tools;
  std::string folder;

private:
  static std::vector<std::string> marks() {
    std::vector<std::string> all;
    for (const auto* node : {"a", "b"}) {
      all.push_back(underlay(node));
      for (const auto* id : {"blue", "red"}) {
        all.push_back(names(node, id).tunnel);
        all.push_back(names(node, id).router);
      }
      // Whatever member it is.
      all.push_back(names(node).member_space(""));
    }
    return all;
  }

  host_traces traces_;
};

/// A UDP socket inside a namespace, where it stays.
class visitor {
public:
  visitor(const std::string& space, const std::string& own) {
    const auto failed = net_space::visit(space, [&] {
      socket_
        = file_descriptor{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
      const auto at = name(own);
      bound_ = ::bind(socket_.number(), reinterpret_cast<const sockaddr*>(&at),
                      sizeof at)
               == 0;
    });
    BOOST_CHECK_MESSAGE(!failed, to_string(failed));
    BOOST_CHECK(bound_);
  }

  /// Whether a message to `other`, which is at `there`, arrives in time.
  bool reaches(const visitor& other, const std::string& there,
               std::chrono::milliseconds patience
               = std::chrono::milliseconds{10000}) const {
    const auto to = name(there);
    const std::string said = "hello";
    // The first packets may be lost while a tunnel shakes hands.
    constexpr std::chrono::milliseconds turn{100};
    for (auto left = patience; left.count() > 0; left -= turn) {
      ::sendto(socket_.number(), said.data(), said.size(), 0,
               reinterpret_cast<const sockaddr*>(&to), sizeof to);
      pollfd event{other.socket_.number(), POLLIN, 0};
      if (::poll(&event, 1, static_cast<int>(turn.count())) == 1) {
        std::string heard(said.size(), '\0');
        return ::recv(other.socket_.number(), heard.data(), heard.size(), 0)
                 == static_cast<ssize_t>(said.size())
               && heard == said;
      }
    }
    return false;
  }

private:
  static sockaddr_in name(const std::string& text) {
    sockaddr_in result = {};
    result.sin_family = AF_INET;
    result.sin_port = htons(7777);
    ::inet_pton(AF_INET, text.c_str(), &result.sin_addr);
    return result;
  }

  file_descriptor socket_;
  bool bound_ = false;
};

} // namespace provision::test
