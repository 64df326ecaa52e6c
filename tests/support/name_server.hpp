#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/gateway_town.hpp"

namespace provision::test {

/// A DNS server, NSD, on port 53 of the gateway, which reads the zones of a
/// folder.
class name_server {
public:
  /// `zones`: folder of the zone files.
  explicit name_server(std::string zones) : zones_{std::move(zones)} {
    write("nsd.conf",
          "server:\n  ip-address: " + std::string{gateway_address}
            + "\n  username: \"\"\n  pidfile: \"\"\n  database: \"\"\n"
              "  zonelistfile: \""
            + file("zone.list") + "\"\n  xfrdfile: \"" + file("xfrd.state")
            + "\"\n  xfrdir: \"" + place_.path()
            + "\"\n  hide-version: yes\nremote-control:\n"
              "  control-enable: yes\n  control-interface: \""
            + file("control") + "\"\ninclude: \"" + zones_ + "/zones.nsd\"\n");
    // What an operator would name in gateway.zone_reload.
    write("reload", "#!/bin/sh\nset -e\n/usr/sbin/nsd-control -c "
                      + file("nsd.conf")
                      + " reconfig\n/usr/sbin/nsd-control -c "
                      + file("nsd.conf") + " reload\n");
    std::filesystem::permissions(file("reload"),
                                 std::filesystem::perms::owner_all);
  }

  ~name_server() {
    if (server_) {
      ::syscall(SYS_pidfd_send_signal, server_.number(), SIGTERM, nullptr, 0);
      pollfd end{server_.number(), POLLIN, 0};
      ::poll(&end, 1, 10000);
      reap_launched();
    }
  }

  name_server(const name_server&) = delete;
  name_server& operator=(const name_server&) = delete;

  std::vector<std::string> reload() const { return {file("reload")}; }

  void start() {
    auto started = launch({.program = "/usr/sbin/nsd",
                           .arguments = {"-d", "-c", file("nsd.conf")}});
    BOOST_REQUIRE_MESSAGE(started, (started ? "" : started.error().message));
    server_ = std::move(*started);
  }

  /// What it answers, in lines.
  static std::string ask(const std::string& name, const std::string& type) {
    const auto said
      = run({.program = "/usr/bin/dig",
             .arguments = {"+short", "+norecurse", "+tries=1", "+time=2",
                           "@" + std::string{gateway_address}, name, type}});
    return said ? said->out : "";
  }

private:
  std::string file(const std::string& name) const {
    return place_.path() + '/' + name;
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream{file(name)} << text;
  }

  scratch_folder place_ = {};
  std::string zones_;
  file_descriptor server_ = {};
};

} // namespace provision::test
