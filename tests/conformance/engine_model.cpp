#include "tests/conformance/engine_model.hpp"

#include <algorithm>
#include <array>

#include "messages/byte_units.hpp"
#include "messages/hex.hpp"
#include "messages/json/json.hpp"
#include "tests/conformance/amounts.hpp"
#include "tests/support/node_under_test.hpp"

namespace provision::conformance {

namespace {

bool is_network(const reservation& what) {
  return what.type == reservation_types::network
         || what.type == reservation_types::network_resource;
}

bool is_safe(const std::string& id) {
  constexpr std::size_t longest = 64;
  return !id.empty() && id.size() <= longest && id != "." && id != ".."
         && id.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz"
                                 "ABCDEFGHIJKLMNOPQRSTUVWXYZ._-")
              == std::string::npos;
}

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

const char* const storage_call = "storage.storage@0.0.1.GetCacheFS";

} // namespace

engine_model::engine_model(const trace& recording)
  : recording_{recording},
    script_(recording.script), key_{provision::testing::a_node_key()} {
}

resources engine_model::overhead(const trace& recording) {
  constexpr std::uint64_t system_memory = 2 * gib;
  auto calls = recording.script.value("bus", value::array());
  for (auto& rule : calls)
    if (text(rule, "call") == storage_call && rule["returns"][1].is_null())
      return {0, system_memory, 0,
              rule["returns"][0]["Usage"]["Size"].get<std::uint64_t>()};
  return {};
}

std::uint64_t engine_model::memory_limit(const trace& recording) {
  constexpr std::uint64_t reserved = 2 * gib;
  auto rounded = (recording.memory + gib - 1) / gib * gib;
  return rounded > reserved ? rounded - reserved : 0;
}

// -- what happens -------------------------------------------------------------

void engine_model::preload(const value& step, bool started) {
  // Files that are put there later are not ours: nobody reads them.
  if (started)
    return use(rules::damaged_file_is_set_aside);
  auto given = step.value("reservations", value::array());
  for (auto& item : given) {
    auto read = json::read_reservation(reservation_text(item));
    if (!read)
      throw std::runtime_error{"preload: " + read.error().message};
    kept one{*read, stage::ok, {}};
    auto& known = read->result;
    if (known.is_nil()) {
      one.at = stage::unfinished;
      rule(read->id, rules::record_without_result_is_finished);
    } else {
      one.at = known.state == result_state::error ? stage::failed : stage::ok;
      if (known.state == result_state::deleted)
        rule(read->id, rules::cached_means_running);
      one.last = {.kind = "result",
                  .id = known.id,
                  .category = category_of(known.type.name),
                  .state = static_cast<int>(known.state),
                  .message = known.error,
                  .data = known.data,
                  .signature = known.signature,
                  .created = created_text(known.created)};
    }
    records_[read->id] = std::move(one);
  }
  auto files = step.value("files", value::array());
  for (auto& file : files) {
    damaged_.insert(text(file, "name"));
    use(rules::damaged_file_is_set_aside);
  }
}

void engine_model::start(bool synced, bool first_boot) {
  if (!synced)
    use(rules::counters_are_the_sum_of_live_records);
  if (first_boot)
    use(rules::restart_keeps_everything);
  std::vector<reservation> unfinished;
  for (auto& [id, one] : records_) {
    if (first_boot)
      rule(id, rules::restart_keeps_everything);
    if (one.at == stage::unfinished)
      unfinished.push_back(one.what);
  }
  std::stable_sort(unfinished.begin(), unfinished.end(), before_in_page);
  if (!records_.empty())
    use(rules::numbers_are_reported_at_start);
  changed_ = true;
  tell_numbers();
  for (auto& what : unfinished) {
    resumed_ = what.id;
    take_fresh(what);
  }
  resumed_.clear();
}

void engine_model::hand_over(const std::vector<reservation>& page,
                             std::optional<double> asked_at) {
  asked_at_ = asked_at;
  auto sorted = page;
  std::stable_sort(sorted.begin(), sorted.end(), before_in_page);
  if (sorted != page)
    use(rules::order_is_total);
  for (auto& what : sorted)
    take(what);
  tell_numbers();
}

void engine_model::wait(std::chrono::seconds span) {
  retry_removals();
  now_ = saturating_add(now_, span);
  expire();
  retry_removals();
  use(rules::error_records_do_not_loop);
}

void engine_model::settle() {
  retry_removals();
  tell_numbers();
}

void engine_model::decommission_cached(const std::string& id,
                                       const std::string& reason) {
  made_.answers.push_back(id);
  auto found = records_.find(id);
  if (found == records_.end())
    return made_.answers.back().append("unknown"), void();
  rule(id, rules::owner_report_is_remembered);
  use(rules::numbers_are_reported_at_start);
  if (reason.find('%') != std::string::npos)
    rule(id, rules::reason_is_kept_verbatim);
  auto what = found->second.what;
  auto told = make_report(what, 0, reason, "null");
  if (found->second.at != stage::ok) {
    found->second.last = told;
    return send(told);
  }
  if (take_down(found->second)) {
    gone(id);
  } else {
    found->second.last = told;
  }
  send(told);
  tell_numbers();
}

// -- one reservation ----------------------------------------------------------

void engine_model::take(const reservation& what) {
  if (!is_safe(what.id)) {
    rule(what.id, rules::bad_id_is_refused);
    if (!what.id.empty()) {
      send(make_report(what, 0, "~cannot name a workload", "null"));
      send({.kind = "deleted", .id = what.id});
    }
    return;
  }
  if (damaged_.contains(what.id))
    rule(what.id, rules::damaged_file_is_set_aside);
  if (auto known = records_.find(what.id); known != records_.end())
    return take_known(known->second, what);
  auto grave = graves_.find(what.id);
  if (what.to_delete) {
    graves_[what.id] = what.version;
    send({.kind = "deleted", .id = what.id});
    return;
  }
  if (grave != graves_.end() && grave->second >= what.version)
    return rule(what.id, rules::no_resurrection);
  take_fresh(what);
}

void engine_model::take_known(kept& known, const reservation& what) {
  if (known.at == stage::removing)
    return rule(what.id, rules::removal_is_retried);
  if (known.at == stage::unfinished)
    return rule(what.id, rules::result_waits_for_the_signer);
  if (known.at == stage::failed)
    rule(what.id, rules::failed_is_remembered);
  if (what.to_delete) {
    if (what.result.state == result_state::error)
      rule(what.id, rules::delete_is_not_skipped);
    if (what.data != known.what.data)
      rule(what.id, rules::delete_uses_the_stored_workload);
    if (known.at == stage::failed || take_down(known))
      gone(what.id);
    return;
  }
  rule(what.id, rules::duplicate_is_answered_from_disk);
  if (records_.contains(what.reference))
    rule(what.reference, rules::migration_is_atomic);
  if (asked_at_ && told_at_.contains(what.id)
      && told_at_[what.id] >= *asked_at_)
    return rule(what.id, rules::report_is_owed_once);
  bool has_it = static_cast<int>(what.result.state) == known.last.state
                && what.result.signature == known.last.signature;
  if (has_it)
    return;
  bool failed = known.at == stage::failed;
  send(known.last);
  if (failed)
    send({.kind = "deleted", .id = what.id});
}

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

// -- at the end ---------------------------------------------------------------

std::vector<reservation> engine_model::live() const {
  std::vector<reservation> result;
  for (auto& [id, one] : records_)
    if (one.at == stage::ok || one.at == stage::removing)
      result.push_back(one.what);
  return result;
}

numbers engine_model::count(const std::vector<reservation>& live) {
  numbers result;
  std::set<std::pair<std::string, std::string>> networks;
  std::map<std::string, std::string> kinds{{"volume", "volume"},
                                           {"zdb", "zdb_namespace"},
                                           {"container", "container"},
                                           {"kubernetes", "k8s_vm"}};
  constexpr std::array names{"cru", "mru", "hru", "sru"};
  for (auto& what : live) {
    if (is_network(what))
      networks.emplace(what.user_id, text(value::parse(what.data), "Name"));
    if (auto kind = kinds.find(what.type.name); kind != kinds.end())
      ++result[kind->second];
    if (auto takes = amounts_of(what))
      for (std::size_t i = 0; i < names.size(); ++i)
        if (auto amount = (*takes)[i]; amount > 0)
          result[names[i]]
            += static_cast<double>(amount) / (i == 0 ? 1 : double{gib});
  }
  if (!networks.empty())
    result["network"] = static_cast<double>(networks.size());
  return result;
}

const std::set<std::string>& engine_model::rules_of(const std::string& id) {
  return rules_[id];
}

void engine_model::finish() {
  made_.counted = count(live());
  for (auto& [id, one] : records_) {
    static const std::map<stage, const char*> names{
      {stage::unfinished, "none"},
      {stage::ok, "ok"},
      {stage::failed, "error"},
      {stage::removing, "removing"}};
    made_.records[id] = {names.at(one.at), one.last.created};
  }
}

} // namespace provision::conformance
