#include "messages/error.hpp"

#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <utility>

#include <boost/test/unit_test.hpp>

using namespace provision;

BOOST_AUTO_TEST_SUITE(error_test)

namespace {

constexpr auto last_code = errc::clock_untrusted;

/// The rows of the table in docs/errors.md: number, name, the rest.
std::map<int, std::pair<std::string, std::string>> documented() {
  std::map<int, std::pair<std::string, std::string>> rows;
  std::ifstream page{"docs/errors.md"};
  std::regex row{R"(\| (\d+) \| `(\w+)` \| (.*) \|)"};
  for (std::string line; std::getline(page, line);)
    if (std::smatch found; std::regex_match(line, found, row))
      rows[std::stoi(found[1])] = {found[2], found[3]};
  return rows;
}

} // namespace

BOOST_AUTO_TEST_CASE(names_every_code_differently) {
  std::set<std::string_view> names;
  for (int code = 0; code <= static_cast<int>(last_code); ++code)
    BOOST_TEST(names.insert(to_string(static_cast<errc>(code))).second);
  BOOST_TEST(!names.contains(""));
}

BOOST_AUTO_TEST_CASE(keeps_names_at_their_numbers) {
  BOOST_TEST(to_string(errc::none) == "none");
  BOOST_TEST(to_string(errc::expired) == "expired");
  BOOST_TEST(to_string(errc::no_such_reservation) == "no_such_reservation");
  BOOST_TEST(to_string(errc::disk_full) == "disk_full");
  BOOST_TEST(to_string(errc::end_of_stream) == "end_of_stream");
  BOOST_TEST(to_string(errc::backend_failure) == "backend_failure");
  BOOST_TEST(to_string(errc::host_unavailable) == "host_unavailable");
}

BOOST_AUTO_TEST_CASE(has_every_code_in_the_documentation_and_no_other) {
  auto rows = documented();
  BOOST_TEST(rows.size() == static_cast<std::size_t>(last_code));
  for (auto& [number, row] : rows)
    BOOST_TEST(row.first == to_string(static_cast<errc>(number)));
}

BOOST_AUTO_TEST_CASE(sorts_errors_by_what_is_done_as_documented) {
  std::map<errc, error_kind> not_permanent{
    {errc::host_busy, error_kind::transient},
    {errc::explorer_unreachable, error_kind::transient},
    {errc::explorer_failed, error_kind::transient},
    {errc::host_unavailable, error_kind::infrastructure},
    {errc::storage_failure, error_kind::infrastructure},
    {errc::disk_full, error_kind::infrastructure}};
  for (auto& [number, row] : documented()) {
    auto code = static_cast<errc>(number);
    auto wanted = not_permanent.contains(code) ? not_permanent[code]
                                               : error_kind::permanent;
    BOOST_TEST((kind_of(code) == wanted), row.first);
    // The page's last column says the same.
    BOOST_TEST(row.second.ends_with(" | " + std::string{to_string(wanted)}),
               row.first + ": " + row.second);
  }
}

BOOST_AUTO_TEST_CASE(names_no_code_outside_the_table) {
  BOOST_TEST(to_string(static_cast<errc>(200)) == "unknown");
}

BOOST_AUTO_TEST_CASE(shows_message_and_number_if_there_are_any) {
  BOOST_TEST(to_string(error{errc::expired}) == "expired");
  BOOST_TEST(to_string(error{errc::expired, "reservation 1-1"})
             == "expired: reservation 1-1");
  BOOST_TEST(to_string(error{errc::explorer_refused, "put", 403})
             == "explorer_refused: put (403)");
}

BOOST_AUTO_TEST_CASE(is_false_only_without_a_code) {
  BOOST_TEST(!error{});
  BOOST_TEST(!!err_poll_eos);
}

BOOST_AUTO_TEST_SUITE_END()
