#include <boost/test/unit_test.hpp>

#include "tests/explorer/simulated_fixture.hpp"

using namespace provision;

namespace simulated_directory_test {
namespace {

std::string refused(int status, std::string_view text) {
  return std::to_string(status) + R"( {"error":")" + std::string{text} + "\"}";
}

const std::string unknown = refused(404, "mongo: no documents in result");

const std::string farm_body
  = R"({"name":"farm1","threebot_id":7,"email":"f@x.org",)"
    R"("wallet_addresses":[{"asset":"TFT","address":"x"}],)"
    R"("location":{"city":"Ghent"}})";

struct directory : simulation {
  directory() { add_customer(); }

  void add_node() {
    ask("POST", "/api/v1/farms", farm_body);
    ask("POST", "/api/v1/nodes", registration(), by_node());
  }

  std::string registration() const {
    return golden("simulated_explorer/node_registration.json");
  }

  std::string node_path(const std::string& call = {}) const {
    return "/api/v1/nodes/" + node_id + call;
  }

  bool node_has(const std::string& part, const std::string& query = {}) {
    return ask("GET", node_path(query)).find(part) != std::string::npos;
  }
};

} // namespace
} // namespace simulated_directory_test

BOOST_FIXTURE_TEST_SUITE(simulated_directory_test, directory)

BOOST_AUTO_TEST_CASE(shows_users_without_their_email) {
  auto shown = [&](const std::string& email) {
    return R"({"id":7,"name":"user.3bot","email":")" + email
           + R"(","pubkey":"2f8c6129d816cf51c374bc7f08c3e63ed156cf78aefb4a6)"
             R"(550d97b87997977ee","host":"","description":""})";
  };
  BOOST_CHECK_EQUAL(ask("GET", "/api/v1/users/7"), "200 " + shown(""));
  BOOST_CHECK_EQUAL(ask("GET", "/api/v1/users/7", {}, by_node()),
                    "200 " + shown(""));
  BOOST_CHECK_EQUAL(ask("GET", "/api/v1/users/7", {}, by_user()),
                    "200 " + shown("u@x.org"));
  BOOST_CHECK_EQUAL(ask("GET", "/api/v1/users/0"), "200 " + shown(""));
  BOOST_CHECK_EQUAL(ask("GET", "/api/v1/users/8"), unknown);
  BOOST_CHECK_EQUAL(ask("GET", "/api/v1/users/x"),
                    refused(400, R"(invalid id format: strconv.ParseInt: )"
                                 R"(parsing \"x\": invalid syntax)"));
  auto got = send("GET", "/api/v1/users?name=user.3bot");
  BOOST_CHECK_EQUAL(text_of(got), "200 [" + shown("") + "]");
  BOOST_CHECK_EQUAL(header(got, "Pages"), "1");
}

BOOST_AUTO_TEST_CASE(creates_users_with_the_originals_checks) {
  auto body = [](std::string name, std::string email, std::string key) {
    return R"({"name":")" + name + R"(","email":")" + email + R"(","pubkey":")"
           + key + R"(","id":99,"host":"h"})";
  };
  std::string key(64, 'a');
  auto create_user
    = [&](std::string name, std::string email, std::string pubkey) {
        return ask("POST", "/api/v1/users", body(name, email, pubkey));
      };
  BOOST_CHECK_EQUAL(create_user("Upper", "", key),
                    refused(400, "name should be all lower case"));
  BOOST_CHECK_EQUAL(create_user("lower", "A@b", key),
                    refused(400, "email should be all lower case"));
  BOOST_CHECK_EQUAL(create_user("ab", "", key),
                    refused(400, "name should be at least 3 character"));
  BOOST_CHECK_EQUAL(create_user("abc", "", "aa"),
                    refused(500, "invalid public key aa: wrong key size"));
  BOOST_CHECK_EQUAL(create_user("user.3bot", "", key),
                    refused(409, "user with same name or email exists"));
  BOOST_CHECK_EQUAL(create_user("abc", "a@b", key),
                    R"(201 {"id":8,"name":"abc","email":"a@b","pubkey":")" + key
                      + R"(","host":"","description":""})");
  BOOST_CHECK_EQUAL(ask("POST", "/api/v1/users"), refused(400, "EOF"));
}

BOOST_AUTO_TEST_CASE(updates_a_user_who_signed_the_update) {
  auto update = [&](std::string host, std::string signed_text) {
    return ask("PUT", "/api/v1/users/7",
               R"({"host":")" + host + R"(","sender_signature_hex":")"
                 + hex::encode(user.sign(signed_text)) + R"("})");
  };
  BOOST_CHECK_EQUAL(update("here", "7there"),
                    refused(400, "payload verification failed: bad data "
                                 "during user update"));
  BOOST_CHECK_EQUAL(update("here", "7here"), "200 null");
  BOOST_CHECK(ask("GET", "/api/v1/users/7").find(R"("host":"here")")
              != std::string::npos);
  BOOST_CHECK_EQUAL(ask("PUT", "/api/v1/users/7", "{}"),
                    refused(400, "signature is required"));
}

BOOST_AUTO_TEST_CASE(validates_signatures_of_users) {
  auto body = [&](std::string_view text) {
    return R"({"payload":")" + hex::encode("text") + R"(","signature":")"
           + hex::encode(user.sign(text)) + R"("})";
  };
  auto path = "/api/v1/users/7/validate";
  BOOST_CHECK_EQUAL(ask("POST", path, body("text")),
                    R"(200 {"is_valid":true})");
  BOOST_CHECK_EQUAL(ask("POST", path, body("other")),
                    R"(200 {"is_valid":false})");
}

BOOST_AUTO_TEST_CASE(registers_nodes_of_known_farms) {
  auto path = "/api/v1/nodes";
  BOOST_CHECK_EQUAL(ask("POST", path, registration()),
                    refused(401, "unauthorized access: no params present"));
  BOOST_CHECK_EQUAL(ask("POST", path, registration(), by_node()),
                    refused(404, "unknown farm id: mongo: no documents in "
                                 "result"));
  ask("POST", "/api/v1/farms", farm_body);
  BOOST_CHECK_EQUAL(
    ask("POST", path, registration(), signed_by(user.node_id(), user)),
    refused(403, "trying to register a node with nodeID " + node_id
                   + " while you are " + user.node_id()));
  auto without = [&](const std::string& part) {
    auto text = registration();
    return text.erase(text.find(part), part.size());
  };
  BOOST_CHECK_EQUAL(
    ask("POST", path, without(R"("os_version":"v0.4.9",)"), by_node()),
    refused(500, "os_version is required"));
  BOOST_CHECK_EQUAL(ask("POST", path, registration(), by_node()), "201 null");
  BOOST_CHECK(node_has(R"({"id":1,"node_id":")" + node_id));
  BOOST_CHECK(node_has(R"("created":1614250050,"updated":1614250050)"));
  BOOST_CHECK_EQUAL(ask("GET", "/api/v1/nodes/other?proofs=false"), unknown);
}

BOOST_AUTO_TEST_CASE(takes_reports_of_a_node_about_itself) {
  add_node();
  auto report = [&](const std::string& call, const std::string& body) {
    return ask("POST", node_path(call), body, by_node());
  };
  BOOST_CHECK_EQUAL(
    report("/used_resources",
           R"({"cru":2,"mru":3.5,"hru":0,"sru":100.25,"network":1,)"
           R"("network_resource":0,"volume":2,"zdb_namespace":3,)"
           R"("container":4,"k8s_vm":5,"proxy":0,"reverse_proxy":0,)"
           R"("subdomain":0,"delegate_domain":0})"),
    "200 null");
  BOOST_CHECK(
    node_has(R"("reserved_resources":{"cru":2,"mru":3.5,"hru":0,"sru":100.25},)"
             R"("workloads":{"network":1,"network_resource":0,"volume":2,)"));
  BOOST_CHECK_EQUAL(report("/uptime", R"({"uptime":3600})"), "200 null");
  BOOST_CHECK(node_has(R"("uptime":3600,)"));
  BOOST_CHECK_EQUAL(report("/ports", R"({"ports":[1,2]})"), "200 null");
  BOOST_CHECK(node_has(R"("wg_ports":[1,2],)"));
  BOOST_CHECK_EQUAL(report("/ports", R"({"ports":null})"), "200 null");
  BOOST_CHECK(node_has(R"("wg_ports":null,)"));
  auto ifaces = R"([{"name":"zos","addrs":["10.0.0.5/24"],)"
                R"("gateway":["10.0.0.1"],"macaddress":""}])";
  BOOST_CHECK_EQUAL(report("/interfaces", ifaces), "201 null");
  BOOST_CHECK(node_has(std::string{R"("ifaces":)"} + ifaces));
  BOOST_CHECK_EQUAL(
    report("/capacity", R"({"capacity":{"cru":8,"mru":16,"hru":0,"sru":512},)"
                        R"("dmi":{"tooling":{"aggregator":"a"},"sections":[]},)"
                        R"("disks":{"tool":"t","devices":[]},)"
                        R"("hypervisor":[]})"),
    "200 null");
  BOOST_CHECK(
    node_has(R"("total_resources":{"cru":8,"mru":16,"hru":0,"sru":512})"));
  BOOST_CHECK(node_has(R"("proofs":null,)", "?proofs=false"));
  BOOST_CHECK(node_has(R"("proofs":[{"created":1614250050,)", "?proofs=true"));
}

BOOST_AUTO_TEST_CASE(refuses_reports_about_others) {
  add_node();
  auto by_other = signed_by(user.node_id(), user);
  auto report = [&](const std::string& call, const std::string& body) {
    return ask("POST", node_path(call), body, by_other);
  };
  auto while_other
    = " for nodeID " + node_id + " while you are " + user.node_id();
  BOOST_CHECK_EQUAL(
    report("/used_resources", "{}"),
    refused(403, "trying to update reserved capacity" + while_other));
  BOOST_CHECK_EQUAL(report("/uptime", "{}"),
                    refused(403, "trying to register uptime" + while_other));
  BOOST_CHECK_EQUAL(report("/ports", "{}"),
                    refused(403, "trying to register ports" + while_other));
  BOOST_CHECK_EQUAL(report("/capacity", "{}"),
                    refused(403, "trying to register capacity" + while_other));
  BOOST_CHECK_EQUAL(
    report("/interfaces", "[]"),
    refused(403, "trying to register interfaces" + while_other));
  BOOST_CHECK_EQUAL(ask("POST", "/api/v1/nodes/nobody/uptime", "{}", by_node()),
                    refused(404, "node 'nobody' not found"));
  BOOST_CHECK_EQUAL(
    ask("POST", node_path("/uptime"), "{", by_node()).substr(0, 3), "400");
}

BOOST_AUTO_TEST_CASE(keeps_farms) {
  BOOST_CHECK_EQUAL(ask("POST", "/api/v1/farms", R"({"name":"a b"})"),
                    refused(400, "invalid farm name. name can only contain "
                                 "alphanumeric characters dash (-) or "
                                 "underscore (_)"));
  BOOST_CHECK_EQUAL(ask("POST", "/api/v1/farms", R"({"name":"ab"})"),
                    refused(400, "threebot_id is required"));
  BOOST_CHECK_EQUAL(ask("POST", "/api/v1/farms", farm_body), R"(201 {"id":1})");
  auto shown = [](const std::string& email) {
    return R"({"id":1,"threebot_id":7,"iyo_organization":"","name":"farm1",)"
           R"("wallet_addresses":[{"asset":"TFT","address":"x"}],)"
           R"("location":{"city":"Ghent","country":"","continent":"",)"
           R"("latitude":0,"longitude":0},"email":")"
           + email
           + R"(","resource_prices":null,"prefix_zero":"",)"
             R"("ipaddresses":null,"enable_custom_pricing":false,)"
             R"("farm_cloudunits_price":{"currency":0,"cu":0,"su":0,"nu":0,)"
             R"("ipv4u":0}})";
  };
  BOOST_CHECK_EQUAL(ask("GET", "/api/v1/farms/1"), "200 " + shown(""));
  BOOST_CHECK_EQUAL(ask("GET", "/api/v1/farms/1", {}, by_user()),
                    "200 " + shown("f@x.org"));
  BOOST_CHECK_EQUAL(ask("GET", "/api/v1/farms?owner=7"),
                    "200 [" + shown("") + "]");
  BOOST_CHECK_EQUAL(ask("GET", "/api/v1/farms?name=other"), "200 []");
  BOOST_CHECK_EQUAL(ask("GET", "/api/v1/farms/2"), unknown);
  BOOST_CHECK_EQUAL(send("GET", "/api/v1/farms/x").status, 400);
  BOOST_CHECK_EQUAL(send("POST", "/api/v1/farms/1/ip", "[]").status, 401);
  BOOST_CHECK_EQUAL(ask("POST", "/api/v1/farms/2/ip", "[]", by_user()),
                    "404 mongo: no documents in result");
}

BOOST_AUTO_TEST_CASE(sells_pools) {
  auto path = "/api/v1/reservations/pools";
  auto shown = [&](std::string id, std::string left) {
    return R"({"pool_id":)" + id + R"(,"cus":)" + left + R"(,"sus":)" + left
           + R"(,"ipv4us":)" + left + R"(,"node_ids":[")" + node_id
           + R"("],"last_updated":1614250050,"active_cu":0,"active_su":0,)"
             R"("active_ipv4":0,"empty_at":9223372036854775807,)"
             R"("customer_tid":7,"sponsor_tid":0,"active_workload_ids":[]})";
  };
  BOOST_CHECK_EQUAL(ask("POST", path, pool_order(10)),
                    R"(201 {"reservation_id":12,"escrow_information":)"
                    R"({"address":"","asset":"","amount":0}})");
  BOOST_CHECK_EQUAL(ask("GET", path + std::string{"/12"}),
                    "200 " + shown("12", "10"));
  BOOST_CHECK_EQUAL(send("POST", path, pool_order(5, 12)).status, 201);
  BOOST_CHECK_EQUAL(ask("GET", path + std::string{"/12"}),
                    "200 " + shown("12", "15"));
  BOOST_CHECK_EQUAL(ask("GET", path + std::string{"/13"}),
                    refused(404, "capacity pool not found"));
  BOOST_CHECK_EQUAL(ask("GET", path + std::string{"/owner/8"}), "200 []");
  BOOST_CHECK_EQUAL(
    ask("POST", path, pool_order(0, 12)),
    refused(400, "this capacity reservation has no observable results"));
  auto forged = pool_order(10);
  forged.replace(forged.find(R"("cus":10)"), 8, R"("cus":99)");
  BOOST_CHECK_EQUAL(
    ask("POST", path, forged),
    refused(400, "json data does not match the reservation data"));
  BOOST_CHECK_EQUAL(ask("POST", path, "{}"),
                    refused(400, "customer_tid is required"));
}

BOOST_AUTO_TEST_CASE(charges_pools_for_what_runs) {
  load_volume(100);
  ask("PUT", result_path("100-1"), result(1));
  ask("PUT", result_path("100-1"), result(1));
  auto pool = ask("GET", "/api/v1/reservations/pools/11");
  BOOST_CHECK(pool.find(R"("active_su":0.033)") != std::string::npos);
  BOOST_CHECK(pool.find(R"("active_workload_ids":[100])") != std::string::npos);
  clock->seconds += 1000;
  pool = ask("GET", "/api/v1/reservations/pools/11");
  BOOST_CHECK(pool.find(R"("sus":999999967,)") != std::string::npos);
  ask("DELETE", result_path("100-1"));
  pool = ask("GET", "/api/v1/reservations/pools/11");
  BOOST_CHECK(pool.find(R"("active_su":0,)") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
