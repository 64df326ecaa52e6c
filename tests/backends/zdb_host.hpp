#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "backends/host/host_zdb_backend.hpp"
#include "tests/backends/process_host.hpp"
#include "tests/backends/scratch_pool.hpp"
#include "tests/support/zdb_client.hpp"

namespace provision::test {

/// Bytes that a test can foretell, other ones each time.
class counting_entropy final : public entropy {
public:
  secret draw(std::size_t size) override {
    return secret{std::string(size, static_cast<char>('a' + draws_++))};
  }

private:
  int draws_ = 0;
};

/// A fresh folder with a pool and servers. At its end everything is taken away,
/// and it is checked that no file, process or control group stays.
class zdb_host : public process_host {
public:
  zdb_host() { std::filesystem::create_directories(pool()); }
  ~zdb_host() {
    const auto backend = open();
    for (const auto* id : {"101-1", "102-1", "103-1"})
      BOOST_CHECK_EQUAL(why_not(backend->destroy(id)), "");
    BOOST_CHECK_EQUAL(traces(), "");
  }

  std::string pool() const { return root + "/pool"; }

  host_zdb_options options() const {
    static const auto can = probe_zdb(
      std::filesystem::temp_directory_path().string(), zdb_server_program());
    BOOST_REQUIRE_MESSAGE(can.ability.state != ability::level::missing,
                          can.ability.reason);
    return {.node_id = node(),
            .folder = root + "/p",
            .pool = pool(),
            .tools = can.tools,
            .groups = can.groups,
            .address = address_of_this_test(),
            .random = std::make_shared<counting_entropy>(),
            .restart_delay = std::chrono::milliseconds{1}};
  }

  std::unique_ptr<host_zdb_backend> open(host_zdb_options options) const {
    auto opened = host_zdb_backend::open(std::move(options));
    BOOST_REQUIRE_MESSAGE(opened, (opened ? "" : opened.error().message));
    return std::move(*opened);
  }

  std::unique_ptr<host_zdb_backend> open(step_hook before_step = {}) const {
    auto wanted = options();
    wanted.before_step = std::move(before_step);
    return open(std::move(wanted));
  }

  static zdb_order order(std::string id = "101-1") {
    return {.id = std::move(id),
            .size_bytes = 1U << 20U,
            .mode = workloads::zdb_mode::user,
            .password = secret{"open sesame"},
            .is_public = false};
  }

  /// Files, groups and processes; empty if none is left.
  std::string traces() const {
    auto result = groups_left();
    for (const auto& place : {pool(), root + "/p"})
      for (const auto& one : std::filesystem::directory_iterator{place})
        result += one.path().string() + ' ';
    for (const auto pid : processes_with(root))
      result += "process " + std::to_string(pid) + ' ';
    return result;
  }
};

} // namespace provision::test
