#include "explorer/simulated/object_reader.hpp"
#include "explorer/simulated/pool.hpp"
#include "messages/json/json.hpp"

namespace provision::simulated {

namespace {

pool_order::contents read_contents(object_reader& reader) {
  pool_order::contents data;
  reader.read("pool_id", data.pool_id);
  reader.read("cus", data.cus);
  reader.read("sus", data.sus);
  reader.read("ipv4us", data.ipv4us);
  reader.read("node_ids", data.node_ids);
  reader.read("currencies", data.currencies);
  return data;
}

std::string write(const std::optional<std::vector<std::string>>& list) {
  if (!list)
    return "null";
  std::string text = "[";
  for (const auto& each : *list)
    text.append(text.size() > 1 ? "," : "").append(json::quote(each));
  return text + "]";
}

} // namespace

expected<pool_order> read_pool_order(std::string_view json) {
  auto reader = object_reader::parse(json);
  if (!reader)
    return fail(reader.error());
  pool_order order;
  reader->read("json", order.json);
  auto data = reader->child("data_reservation");
  order.data = read_contents(data);
  reader->read("customer_tid", order.customer_tid);
  reader->read("customer_signature", order.customer_signature);
  reader->read("sponsor_tid", order.sponsor_tid);
  reader->read("sponsor_signature", order.sponsor_signature);
  if (auto broken = reader->failure())
    return fail(broken);
  return order;
}

error validate(const pool_order& order) {
  auto broken = [](std::string text) {
    return error{errc::invalid_reservation, std::move(text)};
  };
  if (order.customer_tid == 0)
    return broken("customer_tid is required");
  if (order.customer_signature.empty())
    return broken("customer_signature is required");
  if (order.sponsor_tid != 0 && order.sponsor_signature.empty())
    return broken("sponsor_signature is required");
  if (!order.data.node_ids || order.data.node_ids->empty())
    return broken("pool must be applicable to at least 1 node");
  auto reader = object_reader::parse(order.json);
  if (!reader)
    return broken("invalid json data on reservation: "
                  + (order.json.empty() ? "unexpected end of JSON input"
                                        : reader.error().message));
  auto signed_data = read_contents(*reader);
  if (auto wrong = reader->failure())
    return broken("invalid json data on reservation: " + wrong.message);
  if (signed_data != order.data)
    return broken("json data does not match the reservation data");
  return {};
}

std::string write(const pool_order::contents& data) {
  return "{\"pool_id\":" + std::to_string(data.pool_id) + ",\"cus\":"
         + std::to_string(data.cus) + ",\"sus\":" + std::to_string(data.sus)
         + ",\"ipv4us\":" + std::to_string(data.ipv4us)
         + ",\"node_ids\":" + write(data.node_ids)
         + ",\"currencies\":" + write(data.currencies) + "}";
}

std::string write(const pool_order& order) {
  return "{\"id\":0,\"json\":" + json::quote(order.json)
         + ",\"data_reservation\":" + write(order.data)
         + ",\"customer_tid\":" + std::to_string(order.customer_tid)
         + ",\"customer_signature\":" + json::quote(order.customer_signature)
         + ",\"sponsor_tid\":" + std::to_string(order.sponsor_tid)
         + ",\"sponsor_signature\":" + json::quote(order.sponsor_signature)
         + "}";
}

} // namespace provision::simulated
