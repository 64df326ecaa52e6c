#pragma once

#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "explorer/simulated/simulated_explorer.hpp"
#include "identity/document_signature.hpp"
#include "identity/http_signature.hpp"
#include "identity/node_key.hpp"
#include "messages/hex.hpp"
#include "messages/json/json.hpp"

namespace provision {

/// A clock that stands still until it is set.
class set_clock final : public wall_clock {
public:
  timestamp now() const override { return from_unix(seconds); }

  std::int64_t seconds = 1614250050;
};

inline std::string golden(const std::string& name) {
  std::ifstream file{"tests/golden/" + name};
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  if (text.ends_with('\n'))
    text.pop_back();
  return text;
}

inline node_key key_of_seed(std::string_view seed) {
  return node_key::from_seed(secret{seed}).value();
}

/// The ids of a page's documents, in the page's order.
inline std::vector<std::int64_t> ids_in(const std::string& page) {
  std::vector<std::int64_t> ids;
  auto texts = json::split_page(page).value();
  for (const auto& each : texts)
    ids.push_back(json::read_document(each.text)->id);
  return ids;
}

/// The same as text: "1 2 3 ".
inline std::string list_ids(const std::string& page) {
  std::string list;
  for (auto id : ids_in(page))
    list += std::to_string(id) + " ";
  return list;
}

/// A simulated explorer with user 7, and the node and user to talk to it.
class simulation {
public:
  explicit simulation(simulated_explorer_options options = {})
    : options_{std::move(options)} {
    options_.clock = clock;
    explorer = simulated_explorer::open(options_).value();
  }

  /// Stops it as kill -9 would, and starts it again.
  void restart() {
    explorer.reset();
    explorer = simulated_explorer::open(options_).value();
  }

  http_server_response send(std::string method, std::string target,
                            std::string body = {}, http_headers headers = {}) {
    for (auto& [name, value] : headers)
      for (auto& c : name)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return explorer->handle({.method = std::move(method),
                             .target = std::move(target),
                             .headers = std::move(headers),
                             .body = std::move(body)});
  }

  /// "<status> <body>", without the newline that ends the body.
  std::string ask(std::string method, std::string target, std::string body = {},
                  http_headers headers = {}) {
    return text_of(send(std::move(method), std::move(target), std::move(body),
                        std::move(headers)));
  }

  static std::string text_of(const http_server_response& got) {
    auto text = std::to_string(got.status) + " " + got.body;
    if (text.ends_with('\n'))
      text.pop_back();
    return text;
  }

  static std::string header(const http_server_response& got,
                            std::string_view name) {
    for (const auto& [key, value] : got.headers)
      if (key == name)
        return value;
    return "(none)";
  }

  http_headers signed_by(const std::string& name, const node_key& key) const {
    return sign_http_request(name, ed25519_signer{key}, clock->now()).value();
  }
  http_headers by_node() const { return signed_by(node_id, node); }
  http_headers by_user() const { return signed_by("7", user); }

  /// Adds user 7 and pool 11, which lasts long.
  void add_customer() {
    load(R"({"id":7,"name":"user.3bot","email":"u@x.org","pubkey":")"
         + hex::encode(user.public_key()) + R"("})");
    for (int id = 1; id <= 11; ++id)
      ask("POST", "/api/v1/reservations/pools", pool_order());
  }

  /// An order of user 7 for this node.
  std::string pool_order(std::uint64_t units = 1000000000,
                         std::int64_t pool_id = 0) const {
    auto data = R"({"pool_id":)" + std::to_string(pool_id) + R"(,"cus":)"
                + std::to_string(units) + R"(,"sus":)" + std::to_string(units)
                + R"(,"ipv4us":)" + std::to_string(units) + R"(,"node_ids":[")"
                + node_id + R"("],"currencies":["TFT"]})";
    return R"({"id":0,"json":)" + json::quote(data) + R"(,"data_reservation":)"
           + data + R"(,"customer_tid":7,"customer_signature":")"
           + hex::encode(user.sign(data))
           + R"(","sponsor_tid":0,"sponsor_signature":""})";
  }

  void load(const std::string& text) { explorer->load(text).value(); }

  /// A volume document of this node with the given id, to be deployed.
  documents::workload volume(std::int64_t id) const {
    auto w = json::read_document(golden("documents/volume.json")).value();
    w.id = id;
    return w;
  }

  void load_volume(std::int64_t id) { load(json::write(volume(id))); }

  /// What the user posts for `w`, signed.
  std::string posted(documents::workload w) const {
    w.id = 0;
    w.next_action = documents::next_action::create;
    w.customer_signature = customer_signature(w, user);
    return json::write(w);
  }

  std::string create(const documents::workload& w) {
    return ask("POST", "/api/v1/reservations/workloads", posted(w), by_user());
  }

  std::string poll_path(const std::string& from) const {
    return "/api/v1/reservations/nodes/" + node_id + "/workloads?from=" + from;
  }
  std::string result_path(const std::string& gwid) const {
    return "/api/v1/reservations/nodes/" + node_id + "/workloads/" + gwid;
  }

  /// Ids of a poll's documents and its x-last-id: "1 2 3 | 3".
  std::string poll(const std::string& from) {
    auto got = send("GET", poll_path(from));
    return list_ids(got.body) + "| " + header(got, "X-Last-Id");
  }

  /// The stored next action of a workload, as N2 shows it.
  int next_action(const std::string& gwid) {
    auto got = send("GET", "/api/v1/reservations/nodes/workloads/" + gwid);
    return static_cast<int>(json::read_document(got.body)->next_action);
  }

  std::string result(int state, const std::string& gwid = "100-1") const {
    return R"({"category":2,"workload_id":")" + gwid
           + R"(","data_json":null,"signature":"","state":)"
           + std::to_string(state) + R"(,"message":"","epoch":0,"node_id":""})";
  }

  std::shared_ptr<set_clock> clock = std::make_shared<set_clock>();
  const node_key node = key_of_seed("helloworldhelloworldhelloworld12");
  const node_key user = key_of_seed("12345678901234567890123456789012");
  const std::string node_id = node.node_id();
  std::unique_ptr<simulated_explorer> explorer;

private:
  simulated_explorer_options options_;
};

} // namespace provision
