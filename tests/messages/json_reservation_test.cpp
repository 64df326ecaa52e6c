#include "messages/json/json.hpp"

#include <limits>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "tests/messages/golden.hpp"

using namespace provision;

BOOST_AUTO_TEST_SUITE(json_reservation_test)

namespace {

const std::vector<std::string> golden_reservations{
  "container", "container_min",        "kubernetes",
  "proxy",     "network_resource_min", "network_resource",
  "public_ip", "public_ip_min",        "volume",
  "zdb",
};

reservation read(const std::string& text) {
  auto r = json::read_reservation(text);
  BOOST_REQUIRE_MESSAGE(r, r.error().message << " in " << text);
  return *r;
}

std::string message_of(const std::string& text) {
  auto r = json::read_reservation(text);
  BOOST_TEST(!r.has_value(), "accepted: " << text);
  return r ? std::string{} : r.error().message;
}

/// A reservation after decoding its data.
reservation decoded(const reservation_type& type, const std::string& data) {
  reservation r;
  r.type = type;
  r.data = data;
  json::decode_workload(r);
  return r;
}

} // namespace

BOOST_AUTO_TEST_CASE(writes_every_golden_reservation_as_it_was_read) {
  for (const auto& name : golden_reservations) {
    auto text = golden_text("reservations/" + name + ".json");
    auto again = json::write(read(text));
    BOOST_REQUIRE(again);
    BOOST_TEST(*again == text, name);
  }
}

BOOST_AUTO_TEST_CASE(writes_the_data_of_every_golden_reservation) {
  for (const auto& name : golden_reservations) {
    auto r = read(golden_text("reservations/" + name + ".json"));
    BOOST_TEST(r.data_error.message == "");
    BOOST_TEST(json::write(r.workload) == r.data, name);
  }
}

BOOST_AUTO_TEST_CASE(reads_the_members_of_a_volume) {
  auto r = read(golden_text("reservations/volume.json"));
  BOOST_TEST(r.id == "100-1");
  BOOST_TEST(r.user_id == "7");
  BOOST_TEST((r.type == reservation_types::volume));
  BOOST_TEST((r.created == from_unix(1614250050)));
  BOOST_TEST((r.duration == std::chrono::nanoseconds::max()));
  BOOST_TEST(r.signature.substr(0, 8) == "24173305");
  BOOST_TEST(!r.to_delete);
  BOOST_TEST(r.version == 2);
  BOOST_TEST(r.result.is_nil());
  BOOST_TEST(
    (r.workload
     == workloads::workload{workloads::volume{10, workloads::disk_type::ssd}}));
}

BOOST_AUTO_TEST_CASE(keeps_the_data_compact) {
  auto r = read(R"({"type":"debug","data": { "b" : "<" , "a" : [ ] } })");
  BOOST_TEST(r.data == R"({"b":"\u003c","a":[]})");
  BOOST_TEST(!r.data_error);
}

BOOST_AUTO_TEST_CASE(leaves_out_what_the_original_leaves_out) {
  auto text = json::write(reservation{});
  BOOST_REQUIRE(text);
  BOOST_TEST(
    *text
    == R"({"id":"","node_id":"","user_id":"","type":"",)"
       R"("created":"0001-01-01T00:00:00Z","duration":0,)"
       R"("to_delete":false,"reference":"","result":{"type":"",)"
       R"("id":"","created":"0001-01-01T00:00:00Z","state":0,)"
       R"("message":"","data_json":null,"signature":""},"version":0})");
}

BOOST_AUTO_TEST_CASE(reads_null_as_the_zero_value) {
  auto r = read(R"({"id":null,"created":null,"signature":null,"data":null,)"
                R"("result":null,"duration":null})");
  BOOST_TEST(r.data == "null");
  r.data.clear();
  BOOST_TEST((r == reservation{}));
}

BOOST_AUTO_TEST_CASE(names_the_place_of_a_wrong_value) {
  BOOST_TEST(message_of(R"({"created":"yesterday"})")
             == "created: invalid time 'yesterday'");
  BOOST_TEST(message_of(R"({"created":1614250050})")
             == "created: expected a time, got a number");
  BOOST_TEST(message_of(R"({"signature":"a"})")
             == "signature: base64 text with wrong padding");
  BOOST_TEST(message_of(R"({"type":7})")
             == "type: expected a string, got a number");
  BOOST_TEST(message_of(R"({"result":{"state":"ok"}})")
             == "result.state: expected an integer, got a string");
  BOOST_TEST(message_of(R"({"duration":9223372036854775808})")
             == "duration: expected an integer from -9223372036854775808 to "
                "9223372036854775807, got 9223372036854775808");
}

BOOST_AUTO_TEST_CASE(keeps_why_the_data_does_not_decode) {
  auto r = decoded(reservation_types::volume, R"({"size":"ten"})");
  BOOST_TEST((r.data_error.code == errc::malformed_input));
  BOOST_TEST(r.data_error.message
             == "data: size: expected an integer, got a string");
  BOOST_TEST(std::holds_alternative<std::monostate>(r.workload));
  r = decoded(reservation_types::container, R"({"capacity":{"memory":-1}})");
  BOOST_TEST(r.data_error.message
             == "data: capacity.memory: expected an integer from 0 to "
                "18446744073709551615, got -1");
  r = decoded(reservation_types::kubernetes, R"({"size":300})");
  BOOST_TEST(r.data_error.message
             == "data: size: expected an integer from 0 to 255, got 300");
}

BOOST_AUTO_TEST_CASE(misses_data_where_the_type_wants_some) {
  BOOST_TEST(decoded(reservation_types::zdb, "").data_error.message
             == "data: empty text");
  BOOST_TEST(decoded(reservation_types::debug, "").data_error.message
             == "data: empty text");
  BOOST_TEST(!decoded(reservation_types::proxy, "").data_error);
  BOOST_TEST(!decoded(reservation_type{"custom"}, "{").data_error);
}

BOOST_AUTO_TEST_CASE(takes_null_data_as_arguments_that_are_all_zero) {
  auto r = decoded(reservation_types::zdb, "null");
  BOOST_TEST(!r.data_error);
  BOOST_TEST((r.workload == workloads::workload{workloads::zdb{}}));
}

BOOST_AUTO_TEST_CASE(keeps_a_disk_type_that_has_no_name_outside_the_table) {
  for (const auto* name : {"tape", ""}) {
    auto r = decoded(reservation_types::volume,
                     R"({"size":4,"type":")" + std::string{name} + "\"}");
    BOOST_REQUIRE(!r.data_error);
    const auto& volume = std::get<workloads::volume>(r.workload);
    BOOST_TEST(to_string(volume.type) == "UNKNOWN");
  }
}

BOOST_AUTO_TEST_CASE(reads_the_older_type_network) {
  auto r = decoded(reservation_types::network,
                   R"({"name":"net1","net_id":"x","ip_range":"10.1.0.0/16",)"
                   R"("net_resources":[{"node_id":"n"}]})");
  BOOST_REQUIRE(!r.data_error);
  const auto& network = std::get<workloads::network_resource>(r.workload);
  BOOST_TEST(network.name == "net1");
  BOOST_TEST(network.network_range.prefix == 16);
}

BOOST_AUTO_TEST_CASE(reads_masks_of_both_families) {
  auto range = [](const std::string& ip, const std::string& mask) {
    auto r = decoded(reservation_types::public_ip,
                     R"({"ip":{"IP":")" + ip + R"(","Mask":)" + mask + "}}");
    return r.data_error
             ? r.data_error.message
             : to_string(std::get<workloads::public_ip>(r.workload).ip);
  };
  BOOST_TEST(range("1.2.3.4", R"("////AA==")") == "1.2.3.4/24");
  BOOST_TEST(range("1.2.3.4", R"("/////wAAAAAAAAAAAAAAAA==")")
             == "data: ip.Mask: not the mask of a network");
  BOOST_TEST(range("1.2.3.4", R"("////////////////////AA==")") == "1.2.3.4/24");
  BOOST_TEST(range("2001:db8::1", R"("/////wAAAAAAAAAAAAAAAA==")")
             == "2001:db8::1/32");
  BOOST_TEST(range("1.2.3.4", R"("/wD/AA==")")
             == "data: ip.Mask: not the mask of a network");
  BOOST_TEST(range("1.2.3.4", "null")
             == "data: ip.Mask: not the mask of a network");
  BOOST_TEST(range("", "null") == "");
}

BOOST_AUTO_TEST_CASE(refuses_to_write_years_that_the_form_cannot_carry) {
  reservation r;
  r.created = from_unix(253402300799);
  BOOST_REQUIRE(json::write(r));
  r.created = from_unix(253402300800);
  auto text = json::write(r);
  BOOST_REQUIRE(!text);
  BOOST_TEST((text.error().code == errc::malformed_input));
  r.created = {};
  r.result.created = from_unix(std::numeric_limits<std::int64_t>::max());
  BOOST_TEST(!json::write(r));
}

BOOST_AUTO_TEST_CASE(reads_a_result_as_it_was_written) {
  result r;
  r.type = reservation_types::volume;
  r.id = "1-1";
  r.created = {1614250050, 120000000};
  r.state = state_ok;
  r.error = "failed: <no space> & \"quoted\"";
  r.data = R"({"volume_id":"1-1"})";
  r.signature = "aa";
  auto text = json::write(r);
  BOOST_TEST(text
             == R"({"type":"volume","id":"1-1",)"
                R"("created":"2021-02-25T10:47:30.12Z","state":1,)"
                R"("message":"failed: \u003cno space\u003e \u0026 \"quoted\"",)"
                R"("data_json":{"volume_id":"1-1"},"signature":"aa"})");
  auto again = json::read_result(text);
  BOOST_REQUIRE(again);
  BOOST_TEST((*again == r));
}

BOOST_AUTO_TEST_SUITE_END()
