#include "messages/json/json.hpp"

#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "tests/messages/golden.hpp"

using namespace provision;

BOOST_AUTO_TEST_SUITE(json_document_test)

namespace {

const std::vector<std::string> golden_documents{
  "container",        "domain_delegate", "gateway4to6",    "kubernetes",
  "network_resource", "proxy",           "public_ip",      "reverse_proxy",
  "subdomain",        "volume",          "volume_deleted", "zdb",
};

/// What is wrong with a document; fails if nothing is.
error refusal_of(const std::string& text) {
  auto read = json::read_document(text);
  BOOST_TEST(!read.has_value(), "accepted: " << text);
  return read ? error{} : read.error();
}

std::string message_of(const std::string& text) {
  auto refusal = refusal_of(text);
  BOOST_TEST((refusal.code == errc::malformed_input));
  return refusal.message;
}

documents::workload read(const std::string& text) {
  auto document = json::read_document(text);
  BOOST_REQUIRE_MESSAGE(document, document.error().message << " in " << text);
  return *document;
}

/// The document that has `member` and is a volume.
std::string volume_with(const std::string& member) {
  return R"({"workload_type":2,)" + member + "}";
}

/// `member` as written again.
std::string rewritten(const std::string& type, const std::string& key,
                      const std::string& value) {
  auto text = json::write(
    read("{\"workload_type\":" + type + ",\"" + key + "\":" + value + "}"));
  auto first = text.find("\"" + key + "\":");
  BOOST_REQUIRE(first != text.npos);
  first += key.size() + 3;
  return text.substr(first, text.find_first_of(",}", first) - first);
}

} // namespace

BOOST_AUTO_TEST_CASE(writes_every_golden_document_as_it_was_read) {
  for (const auto& name : golden_documents) {
    auto text = golden_text("documents/" + name + ".json");
    BOOST_TEST(json::write(read(text)) == text, name);
  }
}

BOOST_AUTO_TEST_CASE(reads_the_members_of_a_volume) {
  auto w = read(golden_text("documents/volume.json"));
  BOOST_TEST(documents::global_id(w) == "100-1");
  BOOST_TEST(w.description == "my volume");
  BOOST_TEST(w.signing_request_delete.quorum_min == 1);
  BOOST_TEST(
    (w.signing_request_delete.signers == std::vector<std::int64_t>{7}));
  BOOST_TEST((w.next_action == documents::next_action::deploy));
  BOOST_TEST((w.epoch == from_unix(1614250050)));
  BOOST_TEST(w.result.data_json == "null");
  BOOST_TEST((w.content == documents::content{documents::volume{10, 1}}));
}

BOOST_AUTO_TEST_CASE(reads_a_document_without_type_as_a_zdb) {
  BOOST_TEST((read("{}").content == documents::content{documents::zdb{}}));
  auto w = read(R"({"size":5})");
  BOOST_TEST((w.content == documents::content{documents::zdb{.size = 5}}));
}

BOOST_AUTO_TEST_CASE(reads_a_type_that_comes_after_its_members) {
  auto w = read(R"({"size":9,"type":1,"id":3,"workload_type":2})");
  BOOST_TEST((w.content == documents::content{documents::volume{9, 1}}));
  BOOST_TEST(w.id == 3);
}

BOOST_AUTO_TEST_CASE(takes_the_last_of_two_types) {
  auto w = read(R"({"workload_type":0,"size":9,"workload_type":2,"type":1})");
  BOOST_TEST((w.content == documents::content{documents::volume{9, 1}}));
}

BOOST_AUTO_TEST_CASE(refuses_types_that_the_protocol_does_not_know) {
  for (const auto* type : {"3", "12", "255"}) {
    auto refusal = refusal_of("{\"workload_type\":" + std::string{type} + "}");
    BOOST_TEST((refusal.code == errc::unknown_workload_type));
    BOOST_TEST(refusal.message
               == "workload_type: unrecognized workload type "
                    + std::string{type});
  }
}

BOOST_AUTO_TEST_CASE(matches_keys_without_case_and_takes_the_last) {
  auto w = read(volume_with(R"("Size":5,"SIZE":6,"CUSTOMER_tid":7)"));
  BOOST_TEST((w.content == documents::content{documents::volume{6, 0}}));
  BOOST_TEST(w.customer_tid == 7);
}

BOOST_AUTO_TEST_CASE(matches_escaped_keys) {
  auto w = read(volume_with(R"("s\u0069ze":5)"));
  BOOST_TEST((w.content == documents::content{documents::volume{5, 0}}));
}

BOOST_AUTO_TEST_CASE(tolerates_unknown_keys) {
  auto w = read(volume_with(
    R"("new":{"deep":[1,{"a":null}],"size":4},"size":5,"":[],"n":1e400)"));
  BOOST_TEST((w.content == documents::content{documents::volume{5, 0}}));
}

BOOST_AUTO_TEST_CASE(takes_null_as_the_zero_value) {
  auto w = read(volume_with(
    R"("size":null,"next_action":null,"description":null,"result":null,)"
    R"("signing_request_delete":null,"signatures_delete":null)"));
  documents::workload expected;
  expected.type = 2;
  expected.content = documents::volume{};
  BOOST_TEST((w == expected));
}

BOOST_AUTO_TEST_CASE(tells_null_data_from_absent_data) {
  BOOST_TEST(read(volume_with(R"("result":{})")).result.data_json == "");
  BOOST_TEST(
    read(volume_with(R"("result":{"data_json":null})")).result.data_json
    == "null");
}

BOOST_AUTO_TEST_CASE(keeps_data_compact_and_escaped) {
  auto w = read(
    volume_with("\"result\":{\"data_json\": { \"b\" : \"<x> & \xE2\x80\xA8\",\n"
                "\"a\":\t[ 1.0 , \"\\u00e9 \\\" ]\" ] } }"));
  BOOST_TEST(
    w.result.data_json
    == R"({"b":"\u003cx\u003e \u0026 \u2028","a":[1.0,"\u00e9 \" ]"]})");
}

BOOST_AUTO_TEST_CASE(names_the_place_of_a_wrong_value) {
  const std::vector<std::pair<std::string, std::string>> cases{
    {R"("workload_type":1,"capacity":{"memory":"2"})",
     "capacity.memory: expected an integer, got a string"},
    {R"("workload_type":2,"epoch":null)",
     "epoch: unknown date format: <nil>(null)"},
    {R"("workload_type":2,"epoch":true)",
     "epoch: unknown date format: bool(true)"},
    {R"("workload_type":2,"result":{"epoch":[]})",
     "result.epoch: expected a date, got an array"},
    {R"("workload_type":2,"result":[])",
     "result: expected an object, got an array"},
    {R"("workload_type":"2")",
     "workload_type: expected an integer, got a string"},
    {R"("workload_type":10,"peers":[{},{"allowed_iprange":["1.2.3.4/8",5]}])",
     "peers[1].allowed_iprange[1]: expected an IP range, got a number"},
    {R"("workload_type":10,"peers":[7])",
     "peers[0]: expected an object, got a number"},
    {R"("workload_type":11,"ipaddress":"1.2.3.4")",
     "ipaddress: invalid CIDR address: 1.2.3.4"},
    {R"("workload_type":4,"ipaddress":7)",
     "ipaddress: expected an IP address, got a number"},
    {R"("workload_type":4,"ssh_keys":{"a":1})",
     "ssh_keys: expected an array, got an object"},
    {R"("workload_type":1,"environment":{"A":1})",
     "environment.A: expected a string, got a number"},
    {R"("workload_type":1,"interactive":"no")",
     "interactive: expected true or false, got a string"},
    {R"("workload_type":2,"description":"\ud800")",
     "description: a string that names no character"},
    {R"("signing_request_delete":{"signers":[1,2.5]})",
     "signing_request_delete.signers[1]: expected an integer from "
     "-9223372036854775808 to 9223372036854775807, got 2.5"},
  };
  for (const auto& [members, message] : cases)
    BOOST_TEST(message_of("{" + members + "}") == message);
}

BOOST_AUTO_TEST_CASE(names_the_place_in_members_before_their_type) {
  BOOST_TEST(message_of(R"({"size":"9","workload_type":2})")
             == "size: expected an integer, got a string");
}

BOOST_AUTO_TEST_CASE(refuses_numbers_that_are_no_integer_of_the_range) {
  for (const auto* number : {"256", "-1", "1.0", "1e1", "1E0"})
    BOOST_TEST(message_of(volume_with("\"next_action\":" + std::string{number}))
               == "next_action: expected an integer from 0 to 255, got "
                    + std::string{number});
  BOOST_TEST(message_of(volume_with("\"id\":9223372036854775808"))
             == "id: expected an integer from -9223372036854775808 to "
                "9223372036854775807, got 9223372036854775808");
  BOOST_TEST(message_of(R"({"workload_type":5,"port":4294967296})")
             == "port: expected an integer from 0 to 4294967295, got "
                "4294967296");
}

BOOST_AUTO_TEST_CASE(keeps_numbers_of_enums_outside_the_table) {
  BOOST_TEST(rewritten("2", "next_action", "99") == "99");
  BOOST_TEST(rewritten("2", "next_action", "3") == "3");
  BOOST_TEST(rewritten("2", "type", "7") == "7");
}

BOOST_AUTO_TEST_CASE(reads_dates_as_the_original_does) {
  const std::vector<std::pair<std::string, std::string>> cases{
    {"0", "0"},
    {"1614250050", "1614250050"},
    {"1614250050.9", "1614250050"},
    {"-1.5", "-1"},
    {"1.6e9", "1600000000"},
    {R"("")", "0"},
    {R"("01/01/2019 9pm:10")", "1546377000"},
    {R"("15/12/03 22:00")", "1449180000"},
    {R"("01/02/03")", "981158400"},
    {R"("2019/01/01")", "1546300800"},
    {R"("01/01/2019 12pm:00")", "1546387200"},
    {R"("01/01/2019 12am:00")", "1546344000"},
    {R"("99/01/05")", "4071254400"},
    {R"("01/13/2019")", "1577836800"},
  };
  for (const auto& [text, seconds] : cases) {
    auto r = json::read_workload_result("{\"epoch\":" + text + "}");
    BOOST_REQUIRE_MESSAGE(r, text);
    auto again = json::write(*r);
    BOOST_TEST(again.find("\"epoch\":" + seconds + ",") != again.npos, text);
  }
  BOOST_TEST(read(volume_with(R"("epoch":"")")).epoch.is_zero());
  BOOST_TEST(read(volume_with(R"("epoch":0)")).epoch.is_unix_epoch());
}

BOOST_AUTO_TEST_CASE(refuses_other_dates) {
  const std::vector<std::pair<std::string, std::string>> cases{
    {"1614250050", "invalid date string '1614250050'"},
    {"2021-02-25T10:00:00Z", "invalid date string '2021-02-25T10:00:00Z'"},
    {"2019/01/2019", "invalid date format ambiguous year: 2019/01/2019"},
    {"06/28", "invalid date string '06/28': it names no year"},
    {"01/01/2019 ", "invalid date string '01/01/2019 '"},
    {"01/01/2019 12", "invalid date string '01/01/2019 12'"},
    {"01/1/2019", "invalid date string '01/1/2019'"},
  };
  for (const auto& [text, message] : cases)
    BOOST_TEST(message_of(volume_with("\"epoch\":\"" + text + "\""))
               == "epoch: " + message);
  for (const auto* number : {"1e19", "-1e19", "1e400", "9223372036854775807"})
    BOOST_TEST(message_of(volume_with("\"epoch\":" + std::string{number}))
               == "epoch: date out of range");
}

BOOST_AUTO_TEST_CASE(reads_addresses_as_the_original_does) {
  const std::vector<std::pair<std::string, std::string>> ranges{
    {R"("")", R"("")"},
    {"null", R"("")"},
    {R"("192.168.1.0/24")", R"("192.168.1.0/24")"},
    {R"("192.168.1.77/24")", R"("192.168.1.77/24")"},
    {R"("2001:DB8::0001/32")", R"("2001:db8::1/32")"},
    {R"("::ffff:1.2.3.4/120")", R"("1.2.3.4/24")"},
    {R"("0.0.0.0/0")", R"("0.0.0.0/0")"},
  };
  for (const auto& [text, again] : ranges)
    BOOST_TEST(rewritten("11", "ipaddress", text) == again);
  const std::vector<std::pair<std::string, std::string>> addresses{
    {R"("")", R"("")"},
    {"null", R"("")"},
    {R"("10.0.0.1")", R"("10.0.0.1")"},
    {R"("2001:DB8::1")", R"("2001:db8::1")"},
    {R"("::ffff:1.2.3.4")", R"("1.2.3.4")"},
  };
  for (const auto& [text, again] : addresses)
    BOOST_TEST(rewritten("4", "ipaddress", text) == again);
}

BOOST_AUTO_TEST_CASE(keeps_the_difference_between_null_and_empty) {
  BOOST_TEST(rewritten("4", "ssh_keys", "null") == "null");
  BOOST_TEST(rewritten("4", "ssh_keys", "[]") == "[]");
  BOOST_TEST(rewritten("1", "environment", "null") == "null");
  BOOST_TEST(rewritten("1", "environment", "{ }") == "{");
}

BOOST_AUTO_TEST_CASE(refuses_texts_that_are_no_object) {
  BOOST_TEST(message_of("null") == "expected an object, got null");
  BOOST_TEST(message_of(" []") == "expected an object, got an array");
  BOOST_TEST(message_of("7") == "expected an object, got a number");
  BOOST_TEST(message_of("") == "empty text");
  BOOST_TEST(message_of(" ") == "empty text");
}

BOOST_AUTO_TEST_CASE(refuses_every_cut_of_a_document) {
  auto text = golden_text("documents/container.json");
  for (std::size_t size = 0; size < text.size(); ++size)
    BOOST_TEST(!json::read_document(std::string_view{text}.substr(0, size)));
}

BOOST_AUTO_TEST_CASE(writes_the_golden_results) {
  for (const auto& [name, row] : golden_rows("results.txt")) {
    const auto& body = row.at("body");
    auto read = json::read_workload_result(body);
    BOOST_REQUIRE_MESSAGE(read, name);
    BOOST_TEST(json::write(*read) == body, name);
  }
}

BOOST_AUTO_TEST_CASE(names_the_place_in_a_result) {
  auto read = json::read_workload_result(R"({"state":-1})");
  BOOST_REQUIRE(!read);
  BOOST_TEST(read.error().message
             == "state: expected an integer from 0 to 255, got -1");
}

BOOST_AUTO_TEST_SUITE_END()
