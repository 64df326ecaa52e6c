#include "explorer/simulated/customer.hpp"

#include <algorithm>
#include <future>

#include "explorer/simulated/object_reader.hpp"
#include "explorer/simulated/pool.hpp"
#include "identity/document_signature.hpp"
#include "identity/http_signature.hpp"
#include "messages/hex.hpp"
#include "messages/json/json.hpp"

namespace provision::simulated {

namespace {

constexpr std::string_view api = "/api/v1";

/// The explorer's own text about a refusal.
error refusal_of(const http_response& got) {
  std::string text;
  if (auto reader = object_reader::parse(got.body))
    reader->read("error", text);
  if (text.empty())
    text = "status " + std::to_string(got.status);
  return {got.status >= 500 ? errc::explorer_failed : errc::explorer_refused,
          "explorer: " + text, got.status};
}

/// A number that an answer holds.
expected<std::int64_t> number_in(const http_response& got,
                                 std::string_view key) {
  auto reader = object_reader::parse(got.body);
  if (!reader)
    return fail(reader.error());
  std::int64_t number = 0;
  reader->read(key, number);
  if (auto broken = reader->failure())
    return fail(broken);
  return number;
}

} // namespace

expected<http_response> exchange(http_transport& transport,
                                 http_request request) {
  auto answered = std::make_shared<std::promise<expected<http_response>>>();
  auto answer = answered->get_future();
  transport.send(std::move(request),
                 [answered](auto got) { answered->set_value(std::move(got)); });
  auto got = answer.get();
  if (got && got->status >= 300)
    return fail(refusal_of(*got));
  return got;
}

customer::customer(std::shared_ptr<http_transport> transport, node_key key,
                   std::shared_ptr<const wall_clock> clock)
  : transport_{std::move(transport)}, key_{std::move(key)}, clock_{std::move(
                                                              clock)} {
}

expected<http_response> customer::exchange(http_request request) {
  request.target.insert(0, api);
  return simulated::exchange(*transport_, std::move(request));
}

expected<http_response> customer::signed_exchange(http_request request) {
  auto tid = own_tid();
  if (!tid)
    return fail(tid.error());
  auto headers = sign_http_request(std::to_string(*tid), ed25519_signer{key_},
                                   clock_->now());
  if (!headers)
    return fail(headers.error());
  request.headers = std::move(*headers);
  return exchange(std::move(request));
}

expected<user> customer::enter(const std::string& name,
                               const std::string& email) {
  user who;
  who.name = name;
  who.email = email;
  who.pubkey = hex::encode(key_.public_key());
  auto got = exchange(
    {.method = "POST", .target = "/users", .body = write(who) + "\n"});
  if (!got)
    return fail(got.error());
  return read_user(got->body);
}

expected<user> customer::find_self() {
  auto pubkey = hex::encode(key_.public_key());
  constexpr int size = 1000;
  for (int page = 1;; ++page) {
    auto got = exchange({.method = "GET",
                         .target = "/users?size=" + std::to_string(size)
                                   + "&page=" + std::to_string(page)});
    if (!got)
      return fail(got.error());
    auto list = parse_objects(got->body);
    if (!list)
      return fail(list.error());
    if (!*list || (*list)->empty())
      return fail(errc::unknown_user,
                  "the explorer knows no user with this key; create one with "
                  "'explorer-sim user create'");
    for (auto& each : **list)
      if (auto who = read_user(each.raw()); who && who->pubkey == pubkey)
        return who;
  }
}

expected<std::int64_t> customer::own_tid() {
  if (tid_ == 0) {
    auto self = find_self();
    if (!self)
      return fail(self.error());
    tid_ = self->id;
  }
  return tid_;
}

expected<std::int64_t> customer::pool_for(const documents::workload& w) {
  auto got
    = exchange({.method = "GET",
                .target = "/reservations/pools/owner/" + std::to_string(tid_)});
  if (!got)
    return fail(got.error());
  auto list = parse_objects(got->body);
  if (!list)
    return fail(list.error());
  std::int64_t usable = 0;
  if (*list)
    for (auto& each : **list) {
      auto known = pool::read(each.raw());
      if (known && known->allows(w.node_id)
          && (usable == 0 || known->id == w.pool_id))
        usable = known->id;
    }
  return usable != 0 ? usable : create_pool(w.node_id);
}

expected<std::int64_t> customer::create_pool(const std::string& node_id) {
  // Enough for a large node over many years.
  constexpr std::uint64_t plenty = 1000000000000;
  pool_order order;
  order.data = {.cus = plenty,
                .sus = plenty,
                .ipv4us = plenty,
                .node_ids = std::vector{node_id},
                .currencies = std::vector{std::string{"TFT"}}};
  order.json = write(order.data);
  order.customer_tid = tid_;
  order.customer_signature = hex::encode(key_.sign(order.json));
  auto got = exchange({.method = "POST",
                       .target = "/reservations/pools",
                       .body = write(order) + "\n"});
  if (!got)
    return fail(got.error());
  return number_in(*got, "reservation_id");
}

expected<std::int64_t> customer::submit(documents::workload w) {
  auto tid = own_tid();
  if (!tid)
    return fail(tid.error());
  w.customer_tid = *tid;
  w.id = 0;
  w.epoch = from_unix(clock_->now().seconds);
  w.next_action = documents::next_action::create;
  if (w.workload_id == 0)
    w.workload_id = 1;
  if (!w.signing_request_provision.signers)
    w.signing_request_provision.signers = {*tid};
  auto asked
    = w.signing_request_delete.signers.value_or(std::vector<std::int64_t>{});
  if (std::find(asked.begin(), asked.end(), *tid) == asked.end())
    w.signing_request_delete = {std::vector{*tid}, 1};
  auto known = pool_for(w);
  if (!known)
    return fail(known.error());
  w.pool_id = *known;
  w.customer_signature = customer_signature(w, key_);
  auto got = signed_exchange({.method = "POST",
                              .target = "/reservations/workloads",
                              .body = json::write(w) + "\n"});
  if (!got)
    return fail(got.error());
  return number_in(*got, "reservation_id");
}

error customer::remove(std::int64_t id) {
  auto tid = own_tid();
  if (!tid)
    return tid.error();
  auto path = "/reservations/workloads/" + std::to_string(id);
  auto got = exchange({.method = "GET", .target = path});
  if (!got)
    return got.error();
  auto w = json::read_document(got->body);
  if (!w)
    return w.error();
  auto body = "{\"tid\":" + std::to_string(*tid) + ",\"signature\":\""
              + agreement_signature(*w, "delete", *tid, key_)
              + "\",\"epoch\":0}\n";
  got = exchange(
    {.method = "POST", .target = path + "/sign/delete", .body = body});
  return got ? error{} : got.error();
}

} // namespace provision::simulated
