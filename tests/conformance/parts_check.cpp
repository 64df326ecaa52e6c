// Parts that the recordings address directly.
#include "actors/statser.hpp"
#include "messages/byte_units.hpp"
#include "persistence/memory/memory_reservation_store.hpp"
#include "tests/conformance/checks.hpp"

namespace provision::conformance {

namespace {

record a_record(const char* id, const reservation_type& type, timestamp expires,
                std::string network = {}) {
  record row;
  row.id = id;
  row.sequence = 1;
  row.state = record_state::provisioned;
  row.type = type;
  row.version = 1;
  row.expires = expires;
  row.network = std::move(network);
  row.result = {.type = type,
                .id = id,
                .created = from_unix(1),
                .state = result_state::ok,
                .data = "null"};
  row.received = own_text("{}", text_form::reservation);
  return row;
}

void put(reservation_store& store, record row) {
  transition_batch batch;
  batch.puts.push_back({std::make_shared<record>(std::move(row)), true});
  if (auto failure = store.apply(batch, durability::machine))
    throw std::runtime_error{failure.message};
}

void expect(verdict& out, const char* what, bool recorded, bool ours) {
  if (recorded != ours)
    out.failures.push_back(std::string{what} + ": recorded "
                           + (recorded ? "true" : "false") + ", ours differs");
}

} // namespace

verdict check_reservation_ids(const trace& recording) {
  verdict out;
  for (auto& event : recording.events("split")) {
    auto id = text(event, "id");
    auto ours = split_reservation_id(id);
    if (!event["error"].is_null()) {
      expect(out, id.c_str(), false, ours.has_value());
      continue;
    }
    split_id recorded{event["reservation"].get<std::uint64_t>(),
                      event["workload"].get<std::uint64_t>()};
    if (!ours || *ours != recorded)
      out.failures.push_back("id " + id + " splits differently");
  }
  return out;
}

verdict check_store(const trace& recording) {
  using namespace reservation_types;
  verdict out;
  auto now = from_unix(scenario_time);
  memory_reservation_store store;
  put(store, a_record("1-1", volume, end_of_time));
  put(store, a_record("9-1", zdb, from_unix(1'614'250'060)));
  put(store, a_record("5-1", network, end_of_time, network_id("7", "net1")));
  put(store,
      a_record("6-1", network_resource, end_of_time, network_id("7", "net9")));
  for (auto& event : recording.events("exists"))
    expect(out, "exists", event["answer"],
           (*store.find(text(event, "id"))).has_value());
  for (auto& event : recording.events("get"))
    expect(out, "get", event["error"].is_null(),
           (*store.find(text(event, "id"))).has_value());
  std::vector<std::string> expired;
  auto due = store.expired(now, 10);
  for (auto& row : *due)
    expired.push_back(row.id);
  if (recording.events("expired")[0]["ids"] != expired)
    out.failures.push_back("the expired records differ");
  // Removing twice is no error, in both.
  for (std::size_t i = 0; i < recording.events("remove").size(); ++i) {
    transition_batch batch;
    batch.gone.push_back({"1-1", 1, now, {}});
    expect(out, "remove", recording.events("remove")[i]["error"].is_null(),
           !store.apply(batch, durability::machine));
  }
  for (auto& event : recording.events("network_exists")) {
    bool ours = *store.network_exists(
      network_id(text(event, "user_id"), text(event, "name")));
    bool theirs = event["answer"];
    // The original overlooks network_resource.
    bool must = theirs || text(event, "name") == "net9";
    expect(out, "network_exists", must, ours);
    if (must != theirs)
      out.used.insert(rules::networks_counted_once);
  }
  return out;
}

verdict check_narrow_counts(const trace& recording) {
  verdict out;
  auto count = recording.input[0]["count"].get<int>();
  ledger numbers;
  for (int i = 0; i < count; ++i)
    numbers.increment({reservation_types::volume, {0, 0, 0, gib}, {}});
  auto& recorded = recording.output["counters"];
  if (numbers.current_units().sru != recorded["resources"]["sru"])
    out.failures.push_back("sru differs");
  auto ours = numbers.current_workloads().volume;
  if (ours != 65535)
    out.failures.push_back("the count of volumes does not stop at 65535");
  if (ours != recorded["workloads"]["volume"])
    out.used.insert(rules::counters_do_not_wrap);
  return out;
}

} // namespace provision::conformance
