#include <filesystem>

#include <boost/test/unit_test.hpp>
#include <unistd.h>

#include "tests/explorer/simulated_fixture.hpp"

using namespace provision;

BOOST_AUTO_TEST_SUITE(simulated_journal_test)

namespace {

struct fresh_folder {
  fresh_folder()
    : path{std::filesystem::temp_directory_path()
           / ("simulated_journal_test." + std::to_string(::getpid()))} {
    std::filesystem::remove_all(path);
  }
  ~fresh_folder() { std::filesystem::remove_all(path); }

  std::string log() const { return (path / "explorer.log").string(); }

  std::filesystem::path path;
};

struct durable : fresh_folder, simulation {
  durable() : simulation{{.folder = fresh_folder::path.string()}} {}

  /// Everything that can be seen from outside.
  std::string everything() {
    return ask("GET", "/api/v1/reservations/workloads") + ask("GET", "/")
           + ask("GET", "/api/v1/users", {}, by_user())
           + ask("GET", "/api/v1/farms", {}, by_user())
           + ask("GET", "/api/v1/nodes?proofs=true")
           + ask("GET", "/api/v1/reservations/pools/owner/7")
           + ask("GET", poll_path("99"));
  }
};

} // namespace

BOOST_FIXTURE_TEST_CASE(keeps_everything_over_restarts, durable) {
  add_customer();
  for (int i = 0; i < 4; ++i)
    create(volume(0));
  ask("PUT", result_path("1-1"), result(1, "1-1"));
  ask("PUT", result_path("2-1"), result(0, "2-1"));
  ask("DELETE", result_path("2-1"));
  ask("POST", "/api/v1/farms",
      R"({"name":"farm1","threebot_id":7,"email":"f@x.org","wallet_addresses)"
      R"(":[{"asset":"TFT","address":"x"}],"ipaddresses":[{"address":)"
      R"("10.0.0.1/24","gateway":"10.0.0.2"}],"resource_prices":[{"cru":1}]})");
  ask("POST", "/api/v1/nodes",
      golden("simulated_explorer/node_registration.json"), by_node());
  ask("POST", "/api/v1/nodes/" + node_id + "/capacity",
      R"({"capacity":{"cru":8},"hypervisor":["\u003cq\u003e"]})", by_node());
  ask("POST", "/api/v1/nodes/" + node_id + "/interfaces",
      R"([{"name":"zos","addrs":["10.0.0.5/24"],"gateway":null}])", by_node());
  auto before = everything();
  // Twice: once from the changes, once from the snapshot made of them.
  for (int i = 0; i < 2; ++i) {
    restart();
    auto after = everything();
    // The requests are counted anew.
    auto blank = [](std::string text) {
      auto at = text.find("\"requests\":");
      return text.erase(at, text.find(',', at) - at);
    };
    BOOST_CHECK_EQUAL(blank(before), blank(after));
  }
  BOOST_CHECK_EQUAL(create(volume(0)), R"(201 {"reservation_id":5})");
}

BOOST_FIXTURE_TEST_CASE(drops_a_line_that_a_crash_tore, durable) {
  load_volume(1);
  load_volume(2);
  explorer.reset();
  auto size = std::filesystem::file_size(log());
  std::filesystem::resize_file(log(), size - 5);
  restart();
  BOOST_CHECK_EQUAL(poll("0"), "1 | 1");
  load_volume(3);
  restart();
  BOOST_CHECK_EQUAL(poll("0"), "1 3 | 3");
}

BOOST_FIXTURE_TEST_CASE(names_the_line_that_is_damaged, durable) {
  load_volume(1);
  load_volume(2);
  explorer.reset();
  std::fstream file{log(), std::ios::in | std::ios::out};
  file.seekp(3);
  file << '\x01';
  file.close();
  auto opened
    = simulated_explorer::open({.folder = path.string(), .clock = clock});
  BOOST_REQUIRE(!opened);
  BOOST_CHECK(opened.error().code == errc::storage_corrupt);
  BOOST_CHECK(opened.error().message.find("explorer.log line 1")
              != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(lets_only_one_explorer_into_a_folder, durable) {
  auto second
    = simulated_explorer::open({.folder = path.string(), .clock = clock});
  BOOST_REQUIRE(!second);
  BOOST_CHECK(second.error().code == errc::storage_locked);
}

BOOST_FIXTURE_TEST_CASE(loads_documents_in_every_form, durable) {
  auto volumes = json::write(volume(1)) + "\n" + json::write(volume(2)) + "\n["
                 + json::write(volume(3)) + ", " + json::write(volume(0)) + "]";
  BOOST_CHECK_EQUAL(explorer->load(volumes).value(), 4U);
  BOOST_CHECK_EQUAL(poll("0"), "1 2 3 4 | 4");
  auto broken = explorer->load(json::write(volume(9)) + R"({"id":[]})");
  BOOST_REQUIRE(!broken);
  BOOST_CHECK(broken.error().message.starts_with("document 2: "));
  BOOST_CHECK(!explorer->load("{\"a\":"));
  BOOST_CHECK_EQUAL(poll("0"), "1 2 3 4 | 4");
  BOOST_CHECK(explorer->load_path("tests/golden/documents").value() >= 11U);
  BOOST_CHECK(!explorer->load(json::write(volume(9)), load_checks::customer));
}

BOOST_AUTO_TEST_SUITE_END()
