#include "tests/journeys/explorer_under_test.hpp"

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "identity/document_signature.hpp"
#include "identity/http_signature.hpp"
#include "messages/hex.hpp"
#include "messages/json/json.hpp"

namespace provision::journeys {

namespace {

const std::string workloads = "/api/v1/reservations/workloads";

/// What must hold for the test to make sense.
void demand(bool holds, const std::string& what) {
  if (!holds)
    throw std::runtime_error{what};
}

} // namespace

std::string gwid(std::int64_t id) {
  return std::to_string(id) + "-1";
}

explorer_under_test::explorer_under_test(std::string node_id)
  : node_id_{std::move(node_id)},
    user_{
      node_key::from_seed(secret{"12345678901234567890123456789012"}).value()} {
  open();
  listen(0);
}

void explorer_under_test::open() {
  simulated_explorer_options options;
  options.clock = std::make_shared<system_clock>();
  // So that the node can verify what it gets.
  options.keep_epoch = true;
  std::shared_ptr<simulated_explorer> fresh
    = simulated_explorer::open(options).value();
  {
    std::lock_guard lock{mutex_};
    explorer_ = fresh;
  }
  fresh
    ->load(R"({"id":7,"name":"user.3bot","email":"u@x.org","pubkey":")"
           + hex::encode(user_.public_key()) + R"("})")
    .value();
  auto data
    = R"({"pool_id":0,"cus":1000000000,"sus":1000000000,"ipv4us":1000000000,)"
      R"("node_ids":[")"
      + node_id_ + R"("],"currencies":["TFT"]})";
  auto bought
    = ask("POST", "/api/v1/reservations/pools",
          R"({"id":0,"json":)" + json::quote(data) + R"(,"data_reservation":)"
            + data + R"(,"customer_tid":7,"customer_signature":")"
            + hex::encode(user_.sign(data))
            + R"(","sponsor_tid":0,"sponsor_signature":""})");
  demand(bought.status == 201, bought.body);
}

void explorer_under_test::listen(std::uint16_t port) {
  http_server_options options;
  options.port = port;
  server_
    = http_server::start(options, [this](const http_server_request& request,
                                         const http_reply& reply) {
        reply(serve(request));
      }).value();
  port_ = server_->port();
}

std::string explorer_under_test::url() const {
  return "http://127.0.0.1:" + std::to_string(port_);
}

void explorer_under_test::go_down() {
  server_.reset();
}

void explorer_under_test::come_back() {
  listen(port_);
}

void explorer_under_test::forget() {
  open();
}

void explorer_under_test::set_faults(const simulated::fault_plan& plan) {
  explorer_->set_faults(plan);
}

// -- the user's side ----------------------------------------------------------

documents::workload explorer_under_test::golden(const std::string& name) const {
  std::ifstream file{"tests/golden/documents/" + name + ".json"};
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  auto w = json::read_document(text).value();
  w.node_id = node_id_;
  w.pool_id = 1;
  return w;
}

documents::workload explorer_under_test::volume(std::int64_t gib) const {
  auto w = golden("volume");
  std::get<documents::volume>(w.content).size = gib;
  return w;
}

void explorer_under_test::sign(documents::workload& w) const {
  w.customer_signature = customer_signature(w, user_);
}

std::int64_t explorer_under_test::create(documents::workload w) {
  w.id = 0;
  w.next_action = documents::next_action::create;
  sign(w);
  auto made = ask("POST", workloads, json::write(w));
  demand(made.status == 201, made.body);
  auto colon = made.body.find(':');
  return std::stoll(made.body.substr(colon + 1));
}

void explorer_under_test::cancel(std::int64_t id) {
  auto agreed = ask(
    "POST", workloads + "/" + std::to_string(id) + "/sign/delete",
    R"({"tid":7,"signature":")"
      + agreement_signature(find(id), "delete", 7, user_) + R"(","epoch":0})");
  demand(agreed.status == 201, agreed.body);
}

void explorer_under_test::load(std::vector<documents::workload> all) {
  std::string text;
  for (auto& w : all) {
    sign(w);
    text += json::write(w) + "\n";
  }
  explorer_->load(text).value();
}

documents::workload explorer_under_test::find(std::int64_t id) const {
  auto got = ask("GET", workloads + "/" + std::to_string(id));
  demand(got.status == 200, got.body);
  return json::read_document(got.body).value();
}

http_server_response explorer_under_test::ask(std::string method,
                                              std::string target,
                                              std::string body) const {
  auto headers
    = sign_http_request("7", ed25519_signer{user_}, system_clock{}.now())
        .value();
  for (auto& [name, value] : headers)
    for (auto& c : name)
      c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return explorer_->handle({.method = std::move(method),
                            .target = std::move(target),
                            .headers = std::move(headers),
                            .body = std::move(body)});
}

// -- the node's side ----------------------------------------------------------

http_server_response
explorer_under_test::serve(const http_server_request& request) {
  std::shared_ptr<simulated_explorer> explorer;
  {
    std::lock_guard lock{mutex_};
    explorer = explorer_;
  }
  std::optional<http_server_response> answered;
  if (before)
    answered = before(request);
  if (!answered)
    answered = explorer->handle(request);
  if (after)
    after(request, *answered);
  note(request, *answered);
  return *answered;
}

void explorer_under_test::note(const http_server_request& request,
                               const http_server_response& answered) {
  std::lock_guard lock{mutex_};
  if (request.method == "GET"
      && request.target.find("/workloads?from=") != std::string::npos)
    ++polls_;
  if (request.method != "PUT" && request.method != "DELETE")
    return;
  auto status = answered.fault == http_fault::none ? answered.status : 0;
  reports_.push_back({request.method == "PUT" ? "result" : "deleted",
                      request.target.substr(request.target.rfind('/') + 1),
                      request.body, status});
}

std::vector<told> explorer_under_test::reports() const {
  std::lock_guard lock{mutex_};
  return reports_;
}

std::vector<std::string> explorer_under_test::accepted() const {
  std::vector<std::string> result;
  for (auto& one : reports())
    if (one.status == 200 || one.status == 201)
      result.push_back(one.kind + " " + one.id);
  return result;
}

std::set<std::string> explorer_under_test::bodies(const std::string& id) const {
  std::set<std::string> result;
  for (auto& one : reports())
    if (one.kind == "result" && one.id == id)
      result.insert(one.body);
  return result;
}

std::size_t explorer_under_test::polls() const {
  std::lock_guard lock{mutex_};
  return polls_;
}

} // namespace provision::journeys
