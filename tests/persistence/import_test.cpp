#include "persistence/import.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>

#include "messages/json/json.hpp"
#include "messages/reservation.hpp"
#include "persistence/memory/memory_reservation_store.hpp"
#include "tests/persistence/builders.hpp"

using namespace provision;
using namespace provision::test;

namespace import_test {
namespace {

constexpr auto golden = "tests/golden/original_cache";
constexpr timestamp now = from_unix(1'700'000'000);

struct fixture {
  memory_reservation_store store;
  temporary_folder folder;

  import_report import(const std::string& from) {
    const auto report = import_cache(from, store, now);
    BOOST_REQUIRE_MESSAGE(report, report.error().message);
    return *report;
  }
  record found(const std::string& id) {
    const auto what = store.find(id).value();
    BOOST_REQUIRE_MESSAGE(what, id);
    return *what;
  }
  void write(const std::string& name, const std::string& text) {
    std::ofstream{folder.file(name)} << text;
  }
};

/// A reservation as the original's cache holds it, without its result's end.
std::string a_file(const std::string& id, const std::string& result) {
  return R"("1.0.0"{"id":")" + id
         + R"(","node_id":"n","user_id":"7","type":"volume",)"
           R"("data":{"size":10,"type":"SSD"},)"
           R"("created":"2021-02-25T10:47:30Z","duration":3600000000000,)"
           R"("signature":"","to_delete":false,"reference":"","result":)"
         + result + R"(,"version":2})" + "\n";
}

constexpr auto no_result
  = R"({"type":"","id":"","created":"1970-01-01T00:00:00Z","state":0,)"
    R"("message":"","data_json":null,"signature":""})";

} // namespace
} // namespace import_test

BOOST_FIXTURE_TEST_SUITE(import_test, fixture)

BOOST_AUTO_TEST_CASE(takes_over_what_the_original_wrote) {
  const auto report = import(golden);
  BOOST_CHECK_EQUAL(report.imported, 12U);
  BOOST_CHECK_EQUAL(report.skipped, 0U);
  BOOST_REQUIRE_EQUAL(report.refused.size(), 2U);
  BOOST_CHECK(report.refused[0].file.ends_with("200-1"));
  BOOST_CHECK_EQUAL(report.refused[0].reason.message, "empty");
  BOOST_CHECK(report.refused[1].file.ends_with("201-1"));
  BOOST_CHECK_EQUAL(report.refused[1].reason.message,
                    "no complete reservation");
}

BOOST_AUTO_TEST_CASE(the_result_decides_the_state) {
  import(golden);
  BOOST_CHECK(found("100-1").state == record_state::provisioned);
  BOOST_CHECK_EQUAL(found("100-1").result.data, R"({"volume_id":"100-1"})");
  BOOST_CHECK(found("103-1").state == record_state::failed);
  BOOST_CHECK(found("8-1").state == record_state::provisioned);
  BOOST_CHECK(found("11-1").state == record_state::accepted);
  BOOST_CHECK(found("11-1").result.is_nil());
  BOOST_CHECK_EQUAL(ids_of(store.pending(0, 100).value()), "11-1 102-1");
}

BOOST_AUTO_TEST_CASE(a_record_knows_all_that_an_accepted_one_knows) {
  import(golden);
  const auto what = found("5-1");
  std::string network_owner = "7";
  BOOST_CHECK_EQUAL(what.network, network_id(network_owner, "net1"));
  BOOST_CHECK(store.network_exists(what.network).value());
  BOOST_CHECK_EQUAL(what.source, "import");
  BOOST_CHECK_EQUAL(what.user_id, "7");
  BOOST_CHECK_EQUAL(what.version, 2);
  BOOST_CHECK(what.type == reservation_types::network);
  BOOST_CHECK(what.accepted_at == now);
  BOOST_CHECK(
    found("100-1").takes
    == (resources{.cru = 0, .mru = 0, .hru = 0, .sru = 10ULL << 30U}));
}

BOOST_AUTO_TEST_CASE(the_received_bytes_are_the_reservations_json) {
  import(golden);
  for (const auto* id : {"100-1", "12-1", "6-1"}) {
    const auto what = found(id);
    BOOST_CHECK(what.received.form == text_form::reservation);
    const auto again = json::read_reservation(what.received.text);
    BOOST_REQUIRE(again);
    BOOST_CHECK_EQUAL(again->id, id);
    BOOST_CHECK(what.expires == again->expires_at());
  }
}

BOOST_AUTO_TEST_CASE(the_tail_of_an_older_longer_file_is_ignored) {
  write("1-1", a_file("1-1", no_result) + R"(old "tail" }]{)");
  BOOST_CHECK_EQUAL(import(folder.path()).imported, 1U);
  BOOST_CHECK(found("1-1").received.text.ends_with(R"("version":2})"));
}

BOOST_AUTO_TEST_CASE(a_second_import_takes_over_nothing_twice) {
  write("1-1", a_file("1-1", no_result));
  write("2-1", a_file("2-1", no_result));
  import(folder.path());
  transition_batch batch{.gone = {{.id = "2-1"}}};
  BOOST_REQUIRE(!store.apply(batch, durability::machine));
  write("3-1", a_file("3-1", no_result));
  const auto report = import(folder.path());
  BOOST_CHECK_EQUAL(report.imported, 1U);
  BOOST_CHECK_EQUAL(report.skipped, 2U);
  BOOST_CHECK_EQUAL(ids_of(store.pending(0, 100).value()), "1-1 3-1");
}

BOOST_AUTO_TEST_CASE(many_files_keep_the_order_of_a_page) {
  for (int n = 1; n <= 150; ++n)
    write(std::to_string(n) + "-1",
          a_file(std::to_string(n) + "-1", no_result));
  BOOST_CHECK_EQUAL(import(folder.path()).imported, 150U);
  const auto pending = store.pending(0, 1000).value();
  BOOST_REQUIRE_EQUAL(pending.size(), 150U);
  for (std::size_t n = 0; n < pending.size(); ++n)
    BOOST_CHECK_EQUAL(pending[n].id, std::to_string(n + 1) + "-1");
  BOOST_CHECK_EQUAL(store.journal(0, 1000).value().size(), 150U);
}

BOOST_AUTO_TEST_CASE(refuses_what_it_cannot_trust_and_goes_on) {
  write("1-1", a_file("2-1", no_result));
  write("3-1", "\"2.0.0\"{}");
  write("4-1", "\"1.0.0\"[1]");
  write("5-1", "\"1.0.0\"{\"id\":5}");
  write("6-1", std::string(5U << 20U, ' '));
  std::filesystem::create_directory(folder.file("7-1"));
  write("8-1", a_file("8-1", no_result));
  const auto report = import(folder.path());
  BOOST_CHECK_EQUAL(report.imported, 1U);
  BOOST_REQUIRE_EQUAL(report.refused.size(), 6U);
  for (const auto& refused : report.refused)
    BOOST_CHECK(refused.reason);
  BOOST_CHECK_EQUAL(report.refused[0].reason.message,
                    "holds reservation \"2-1\"");
  BOOST_CHECK(report.refused[4].reason.code == errc::input_too_large);
}

BOOST_AUTO_TEST_CASE(names_a_folder_that_is_not_there) {
  const auto report = import_cache("/nonexistent/cache", store, now);
  BOOST_REQUIRE(!report);
  BOOST_CHECK(report.error().code == errc::storage_failure);
  BOOST_CHECK_NE(report.error().message.find("/nonexistent/cache"),
                 std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_store_that_fails_ends_the_import) {
  memory_reservation_store full{[] {
    return error{errc::disk_full, "no room"};
  }};
  write("1-1", a_file("1-1", no_result));
  BOOST_CHECK(import_cache(folder.path(), full, now).error().code
              == errc::disk_full);
}

BOOST_AUTO_TEST_SUITE_END()
