#include "tests/conformance/engine_model.hpp"

#include <algorithm>
#include <array>

#include "messages/byte_units.hpp"
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
