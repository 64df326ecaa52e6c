// What becomes of a reservation that is new, and how it ends.
#include <algorithm>
#include <array>

#include "tests/conformance/amounts.hpp"
#include "tests/conformance/engine_model.hpp"

namespace provision::conformance {

namespace {

bool offers(const script& surroundings, const std::string& type) {
  auto unsupported
    = surroundings.lists().value("unsupported_types", value::array());
  constexpr std::array offered{"volume",     "zdb",     "container",
                               "kubernetes", "network", "network_resource",
                               "public_ip",  "debug"};
  return std::find(unsupported.begin(), unsupported.end(), type)
           == unsupported.end()
         && std::find(offered.begin(), offered.end(), type) != offered.end();
}

} // namespace

void engine_model::take_fresh(const reservation& what) {
  if (migrate(what))
    return;
  if (what.duration.count() <= 0 || what.expired(now_)) {
    // It may have been made before the daemon died.
    if (what.id == resumed_ && what.duration.count() > 0)
      made_.call("decommission", what.id);
    return refuse(what, "~reservation " + what.id + " has ");
  }
  if (!offers(script_, what.type.name)) {
    rule(what.id, rules::error_texts_are_our_own);
    return refuse(what, "type of reservation not supported: this node does "
                        "not offer "
                          + what.type.name);
  }
  std::string message;
  if (auto* why = refusal_of_amounts(what, message)) {
    rule(what.id, why);
    return refuse(what, message);
  }
  provision(what);
}

bool engine_model::migrate(const reservation& what) {
  auto older = records_.find(what.reference);
  if (what.reference.empty() || what.reference == what.id
      || older == records_.end() || older->second.at != stage::ok)
    return false;
  auto& runs = older->second.what;
  bool takes_over = runs.type == reservation_types::network
                    && what.type == reservation_types::network_resource;
  bool is_same = runs.type == what.type && runs.workload == what.workload;
  if (runs.user_id != what.user_id || (!takes_over && !is_same)) {
    refuse(what, "reservation " + what.reference + " asks for something else");
    return true;
  }
  rule(what.id, rules::migration_is_atomic);
  rule(what.reference, rules::migration_is_atomic);
  auto moved = older->second.last;
  moved.id = what.id;
  graves_[what.reference] = runs.version;
  records_.erase(older);
  records_[what.id] = {what, stage::ok, moved};
  send(moved);
  return true;
}

const char* engine_model::refusal_of_amounts(const reservation& what,
                                             std::string& message) {
  if (what.data_error) {
    message = "~.";
    return rules::bad_data_is_rejected;
  }
  auto need = amounts_of(what);
  if (!need) {
    message = "~unsupported vm size";
    return rules::unknown_sizes_rejected;
  }
  if (!fits(*need)) {
    message = "~does not fit 64 bits";
    return rules::counters_do_not_wrap;
  }
  auto sum = *need;
  for (auto& one : live())
    sum = sum + *amounts_of(one);
  message = "~not enough capacity: ";
  if (!fits(sum))
    return rules::counters_do_not_wrap;
  if (sum[1] <= memory_limit(recording_) || (*need)[1] == 0)
    return nullptr;
  bool underflows = memory_limit(recording_) == 0;
  return underflows ? rules::limits_do_not_underflow
                    : rules::error_texts_are_our_own;
}

void engine_model::provision(const reservation& what) {
  auto name = what.reference.empty() ? what.id : what.reference;
  made_.call("provision", name);
  auto* said
    = script_.decide("provision", {{"type", what.type.name}, {"id", name}});
  if (said && said->contains("panic")) {
    // The original's process ends here, so what follows is not recorded.
    use(rules::panic_is_a_failed_workload);
    rule(what.id, rules::panic_is_a_failed_workload);
    return settle_failed(what, text(*said, "panic"));
  }
  if (said && said->contains("error"))
    return settle_failed(what, text(*said, "error"));
  auto data = said && said->contains("result")
                ? go_text((*said)["result"])
                : default_result(what.type.name, name);
  if (!can_sign(what.id)) {
    records_[what.id] = {what, stage::unfinished, {}};
    return;
  }
  auto told = make_report(what, 1, "", data);
  records_[what.id] = {what, stage::ok, told};
  changed_ = true;
  if (everywhere_.contains(rules::panic_is_a_failed_workload))
    rule(what.id, rules::panic_is_a_failed_workload);
  send(told);
  constexpr std::int64_t year_10000 = 253'402'300'800;
  if (what.created >= from_unix(year_10000))
    rule(what.id, rules::any_date_can_be_stored);
}

void engine_model::settle_failed(const reservation& what,
                                 const std::string& message) {
  rule(what.id, rules::failed_is_remembered);
  if (!can_sign(what.id)) {
    records_[what.id] = {what, stage::unfinished, {}};
    return;
  }
  auto told = make_report(what, 0, message, "null");
  records_[what.id] = {what, stage::failed, told};
  send(told);
  send({.kind = "deleted", .id = what.id});
}

void engine_model::refuse(const reservation& what, const std::string& message) {
  rule(what.id, rules::rejected_gets_a_result);
  settle_failed(what, message);
}

bool engine_model::take_down(kept& known) {
  auto& what = known.what;
  if (!offers(script_, what.type.name)) {
    rule(what.id, rules::removal_of_an_unsupported_type_is_refused);
    known.at = stage::removing;
    return false;
  }
  auto name = what.reference.empty() ? what.id : what.reference;
  made_.call("decommission", name);
  auto* said
    = script_.decide("decommission", {{"type", what.type.name}, {"id", name}});
  bool fails = said && (said->contains("error") || said->contains("panic"));
  if (!fails)
    return true;
  rule(what.id, rules::removal_is_retried);
  if (said->contains("panic")) {
    rule(what.id, rules::panic_is_a_failed_workload);
    use(rules::panic_is_a_failed_workload);
  }
  known.at = stage::removing;
  return false;
}

void engine_model::gone(const std::string& id) {
  graves_[id] = records_[id].what.version;
  records_.erase(id);
  changed_ = true;
  send({.kind = "deleted", .id = id});
}

void engine_model::expire() {
  std::vector<std::pair<timestamp, std::string>> due;
  for (auto& [id, one] : records_)
    if (one.at == stage::ok && one.what.expired(now_))
      due.emplace_back(one.what.expires_at(), id);
  std::sort(due.begin(), due.end());
  for (auto& [when, id] : due) {
    rule(id, rules::expiry_is_built_in);
    use(rules::expiry_is_built_in);
    if (take_down(records_[id]))
      gone(id);
    tell_numbers();
  }
}

void engine_model::retry_removals() {
  constexpr int tries_max = 20;
  std::vector<std::string> stuck;
  for (auto& [id, one] : records_)
    if (one.at == stage::removing && offers(script_, one.what.type.name))
      stuck.push_back(id);
  for (auto& id : stuck)
    for (int i = 0; i < tries_max && records_.contains(id); ++i)
      if (take_down(records_[id]))
        gone(id);
}

} // namespace provision::conformance
