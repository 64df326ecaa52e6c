#pragma once

#include <array>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "backends/host/host_gateway_backend.hpp"
#include "tests/backends/process_host.hpp"
#include "tests/support/gateway_town.hpp"
#include "tests/support/says.hpp"
#include "tests/support/unless.hpp"

namespace provision::test {

inline const gateway_ability& found_gateway() {
  static const auto found
    = probe_gateway(std::filesystem::temp_directory_path().string(), {});
  return found;
}

/// Whether there can be a gateway here; says so if not.
inline boost::test_tools::assertion_result
gateways_are_possible(boost::unit_test::test_unit_id) {
  if (::geteuid() != 0)
    return unless("needs root, for a network of its own");
  const auto& can = found_gateway().proxies;
  return unless(can.state == ability::level::missing
                  ? "needs nginx: " + can.reason + "; " + can.remedy
                  : "");
}

/// Whether a DNS server can be tried here; says so if not.
inline boost::test_tools::assertion_result
name_servers_are_possible(boost::unit_test::test_unit_id) {
  for (const auto& [program, package] :
       {std::pair{"nsd", "nsd"}, std::pair{"dig", "bind9-dnsutils"}})
    if (const auto found = find_program(program, package); !found)
      return unless(found.error().message);
  return unless("");
}

inline workloads::ip_address ip(const std::string& text) {
  return workloads::parse_ip(text).value();
}

inline void made(const error& failed) {
  BOOST_REQUIRE_EQUAL(why_not(failed), "");
}

inline void refused(const error& failed, errc code, const std::string& why) {
  BOOST_CHECK(failed.code == code);
  says(failed.message, why);
}

inline std::string state_of(gateway_backend& backend, const std::string& id) {
  const auto facts = backend.inspect(id);
  constexpr std::array names{"absent", "partial", "present", "foreign",
                             "unknown"};
  return names.at(static_cast<std::size_t>(facts.state))
         + (facts.reason.empty() ? "" : ": " + facts.reason);
}

/// Whether somebody answers for a domain.
inline std::function<bool()> answers_for(const std::string& domain) {
  return
    [domain] { return http_get(domain).find("200 OK") != std::string::npos; };
}

/// A fresh folder with a gateway, in a network of its own with a house behind
/// it. At its end everything is taken away, and it is checked that no file,
/// process or control group stays.
class gateway_host : public own_network, public process_host {
public:
  ~gateway_host() {
    const auto backend = open();
    for (const auto* id : {"106-1", "107-1", "108-1", "109-1"})
      BOOST_CHECK_EQUAL(why_not(backend->destroy(id)), "");
    BOOST_CHECK_EQUAL(traces(), "");
  }

  std::string zones() const { return root + "/zones"; }
  /// nginx's workers reach it, unlike the folder of this host.
  std::string doors() const { return "/run/provisiond-" + node(); }

  host_gateway_options options() const {
    std::optional<control_groups> groups;
    if (auto found = control_groups::find())
      groups = std::move(*found);
    return {.node_id = node(),
            .folder = root + "/g",
            .tools = found_gateway().tools,
            .groups = std::move(groups),
            .http_listen = std::string{gateway_address} + ":80",
            .tls_listen = std::string{gateway_address} + ":443",
            .clients_host = gateway_address,
            .clients_port = 18000,
            .door_folder = doors(),
            .zone_folder = zones(),
            .name_servers = {"ns1.example.net", "ns2.example.net"},
            .domains = {"gateway.example"},
            .is_own = is_address_of_host,
            .now = [this] { return now; },
            .restart_delay = std::chrono::milliseconds{1}};
  }

  std::unique_ptr<host_gateway_backend>
  open(host_gateway_options wanted) const {
    auto opened = host_gateway_backend::open(std::move(wanted));
    BOOST_REQUIRE_MESSAGE(opened, (opened ? "" : opened.error().message));
    return std::move(*opened);
  }

  std::unique_ptr<host_gateway_backend> open(step_hook before_step = {}) const {
    auto wanted = options();
    wanted.before_step = std::move(before_step);
    return open(std::move(wanted));
  }

  static gateway_order proxy(const std::string& domain = "www.example.com",
                             std::string id = "106-1", std::string user = "7") {
    return {std::move(id), std::move(user),
            proxied_domain{domain, ip(house_address), 8080, 8443}};
  }

  static gateway_order tunnel(const std::string& domain = "back.example.com",
                              std::string id = "107-1", std::string user = "7",
                              const std::string& said = "7:open sesame") {
    return {std::move(id), std::move(user),
            tunnelled_domain{domain, secret_digest(secret{said})}};
  }

  static gateway_order delegate(const std::string& domain = "example.com",
                                std::string id = "109-1",
                                std::string user = "7") {
    return {std::move(id), std::move(user), delegated_domain{domain}};
  }

  static gateway_order subdomain(const std::string& domain = "a.example.com",
                                 std::string id = "108-1",
                                 std::string user = "7") {
    return {std::move(id), std::move(user),
            named_addresses{domain, {ip("192.0.2.5"), ip("2001:db8::5")}}};
  }

  std::string zone(const std::string& domain) const {
    return shim::read_small(zones() + '/' + domain + ".zone");
  }

  /// Records, zones, groups and processes; empty if none is left.
  std::string traces() const {
    auto result = groups_left();
    std::error_code code;
    for (const auto& place : {root + "/g/records", root + "/g/processes"})
      for (const auto& one : std::filesystem::directory_iterator{place, code})
        result += one.path().string() + ' ';
    // The node's own zone stays as long as it is configured, with the lists.
    for (const auto& one : std::filesystem::directory_iterator{zones(), code})
      if (const auto name = one.path().filename().string();
          name != "gateway.example.zone" && !name.starts_with("zones."))
        result += one.path().string() + ' ';
    if (std::filesystem::exists(doors()))
      result += doors() + ' ';
    for (const auto pid : processes_with(root))
      result += "process " + std::to_string(pid) + ' ';
    return result;
  }

  house behind = {};
  std::uint32_t now = 1000;
};

} // namespace provision::test
