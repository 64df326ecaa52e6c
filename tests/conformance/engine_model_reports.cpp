// What the explorer must be told, and when.
#include "tests/conformance/engine_model.hpp"

#include <algorithm>
#include <array>

#include "messages/byte_units.hpp"
#include "messages/hex.hpp"
#include "messages/json/json.hpp"
#include "tests/support/node_under_test.hpp"

namespace provision::conformance {

std::optional<std::uint64_t> engine_model::lowest_reported() const {
  std::optional<std::uint64_t> lowest;
  for (auto& [id, when] : told_at_)
    if (auto known = records_.find(id);
        known != records_.end() && known->second.at == stage::ok) {
      auto number = split_reservation_id(id).value().reservation;
      lowest = std::min(number, lowest.value_or(number));
    }
  return lowest;
}

bool engine_model::can_sign(const std::string& id) {
  if (!script_.has("sign"))
    return true;
  rule(id, rules::result_waits_for_the_signer);
  use(rules::result_waits_for_the_signer);
  return false;
}

report engine_model::make_report(const reservation& what, int state,
                                 std::string message, std::string data) {
  result made{
    .state = static_cast<result_state>(state), .error = message, .data = data};
  // A text that is only searched for cannot be signed here.
  auto signature = message.starts_with('~')
                     ? std::string{"~"}
                     : hex::encode(key_.sign(made.bytes()));
  return {.kind = "result",
          .id = what.id,
          .category = category_of(what.type.name),
          .state = state,
          .message = std::move(message),
          .data = std::move(data),
          .signature = std::move(signature),
          .created = "now"};
}

void engine_model::send(report one) {
  constexpr int tries_max = 20;
  if (one.kind == "result" && one.category == category_of("")) {
    rule(one.id, rules::types_without_category_send_no_result);
    return;
  }
  constexpr std::array gateway_types{"proxy", "reverse_proxy", "subdomain",
                                     "domain_delegate", "gateway4to6"};
  if (one.kind == "result"
      && std::ranges::count(gateway_types, type_of_category(one.category)) > 0)
    rule(one.id, rules::gateway_types_are_served);
  if (blocked_.contains(one.id))
    return rule(one.id, rules::reports_are_sent_until_accepted);
  auto path = "/workloads/" + one.id;
  bool is_result = one.kind == "result";
  for (int i = 0; i < tries_max; ++i) {
    auto* said
      = script_.decide("feedback", {{"call", one.kind},
                                    {"id", one.id},
                                    {"type", type_of_category(one.category)}});
    one.delivered = !said || text(*said, "error").empty();
    bool is_final = false;
    if (auto* http = script_.decide(
          "http", {{"method", is_result ? "PUT" : "DELETE"}, {"path", path}})) {
      auto status = http->value("status", is_result ? 201 : 200);
      one.delivered = status == (is_result ? 201 : 200);
      is_final = status < 500;
    }
    made_.note(one);
    if (one.delivered && asked_at_)
      told_at_[one.id] = *asked_at_;
    if (one.delivered || is_final)
      return;
    rule(one.id, rules::reports_are_sent_until_accepted);
    // The original gives up what comes after a report, too.
    use(rules::numbers_are_reported_at_start);
  }
  blocked_.insert(one.id);
}

void engine_model::tell_numbers() {
  constexpr int tries_max = 20;
  if (!changed_)
    return;
  changed_ = false;
  auto all = count(live());
  auto extra = overhead(recording_);
  if (extra.mru > 0)
    all["mru"] += static_cast<double>(extra.mru) / gib;
  if (extra.sru > 0)
    all["sru"] += static_cast<double>(extra.sru) / gib;
  for (int i = 0; i < tries_max; ++i) {
    auto* said = script_.decide("feedback", {{"call", "update_stats"}});
    auto* http
      = script_.decide("http", {{"method", "POST"}, {"path", "/used"}});
    if ((said && !text(*said, "error").empty())
        || (http && http->value("status", 200) != 200))
      continue;
    made_.told = all;
    made_.was_told = true;
    return;
  }
}

} // namespace provision::conformance
