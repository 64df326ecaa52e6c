#include "bench/replay/stages.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <thread>
#include <vector>

#include "actors/decoder.hpp"
#include "actors/sources/replay_source.hpp"
#include "bench/replay/cpu_time.hpp"
#include "bench/replay/generator.hpp"
#include "bench/replay/put_load.hpp"
#include "bench/replay/stream_journal.hpp"
#include "identity/document_signature.hpp"
#include "messages/converter.hpp"
#include "messages/hex.hpp"
#include "messages/json/json.hpp"
#include "messages/json/peek.hpp"
#include "persistence/leveldb/leveldb_reservation_store.hpp"

namespace provision::bench {

namespace {

/// Documents that a stage is measured with, and for how long at least.
constexpr std::size_t sample_size = 2048;
constexpr double seconds_min = 0.1;
constexpr std::size_t warm_up_syncs = 128;
constexpr std::size_t serial_records = 256;
constexpr std::size_t records_max = 100'000;

/// A document on its way through the stages.
struct sample {
  received_text received = {};
  documents::workload document = {};
  reservation_ptr what = {};
  provision::result result = {};
  std::string body = {};
};

/// Calls `once` with the numbers of all samples, again and again.
stage_cost measure(std::size_t count,
                   const std::function<void(std::size_t)>& once) {
  auto cpu_begin = own_cpu_seconds();
  auto begin = now_ns();
  std::size_t done = 0;
  double wall = 0;
  while (wall < seconds_min) {
    for (std::size_t i = 0; i < count; ++i)
      once(i);
    done += count;
    wall = static_cast<double>(now_ns() - begin) / 1e9;
  }
  auto each = 1e6 / static_cast<double>(done);
  return {(own_cpu_seconds() - cpu_begin) * each, wall * each};
}

class stages {
public:
  explicit stages(const stage_orders& orders) : orders_{orders} {}

  expected<stage_costs> take();

private:
  error read_samples();
  void decode_all();
  error verify_all();
  error sign_all();
  record new_row(const sample& one);
  error write_intents(reservation_store& store, std::size_t first,
                      std::size_t last);
  error write_outcomes(reservation_store& store, std::size_t first,
                       std::size_t last);
  error store_pass(reservation_store& store, std::size_t count);
  error store_all();
  error put_all();

  const stage_orders& orders_;
  std::vector<sample> samples_ = {};
  const sample& sample_of(std::size_t i) const {
    return samples_[i % samples_.size()];
  }

  std::vector<record_ptr> rows_ = {};
  std::uint64_t next_sequence_ = 1;
  stage_costs costs_ = {};
};

error stages::read_samples() {
  std::ifstream lines{orders_.documents.file};
  std::string line;
  while (samples_.size() < sample_size && std::getline(lines, line)) {
    if (line.empty() || is_recording_mark(line))
      continue;
    auto form = guess_form(line);
    sample one;
    one.received = own_text(std::move(line), form);
    auto decoded = decode(one.received, orders_.documents.node_id);
    if (!decoded.entry.what || decoded.entry.refusal)
      continue;
    one.what = decoded.entry.what;
    if (form == text_form::document)
      one.document = json::read_document(one.received.text).value();
    samples_.push_back(std::move(one));
  }
  if (samples_.empty())
    return {errc::malformed_input,
            orders_.documents.file + ": no line that can be measured"};
  return {};
}

void stages::decode_all() {
  costs_.decode = measure(samples_.size(), [this](std::size_t i) {
    auto& received = samples_[i].received;
    if (orders_.known)
      json::glance_at(received);
    else
      decode(received, orders_.documents.node_id);
  });
}

error stages::verify_all() {
  auto users = open_users(orders_.documents.users_file);
  if (!users)
    return users.error();
  std::map<std::int64_t, std::string> keys;
  for (auto& one : samples_)
    (*users)->find_user_key(
      one.document.customer_tid, [&](expected<std::string> key) {
        keys[one.document.customer_tid] = key.value_or(std::string(32, '\0'));
      });
  costs_.verify = measure(samples_.size(), [&](std::size_t i) {
    auto& document = samples_[i].document;
    verify_customer_signature(document, keys[document.customer_tid]);
  });
  return {};
}

error stages::sign_all() {
  ed25519_signer signer{measured_node()};
  auto now = system_clock{}.now();
  error failure;
  costs_.sign = measure(samples_.size(), [&](std::size_t i) {
    auto& one = samples_[i];
    one.result = {.type = one.what->type,
                  .id = one.what->id,
                  .created = now,
                  .state = result_state::ok,
                  .data = "{\"id\":\"" + one.what->id + "\"}"};
    auto signature = signer.sign(one.result.bytes());
    if (!signature) {
      failure = signature.error();
      return;
    }
    one.result.signature = hex::encode(*signature);
    if (auto document = to_document(one.result))
      one.body = json::write(*document) + '\n';
  });
  return failure;
}

// -- the store ----------------------------------------------------------------

/// The row of a new intent, as the cache makes it.
record stages::new_row(const sample& one) {
  record row;
  row.sequence = next_sequence_++;
  // Ids of their own: a row that is there already costs less.
  row.id = std::to_string(row.sequence) + "-1";
  row.attempts = 1;
  row.source = "replay";
  row.type = one.what->type;
  row.user_id = one.what->user_id;
  row.version = one.what->version;
  row.takes = resources_of(*one.what).value_or(resources{});
  row.network = network_of(*one.what);
  row.expires = one.what->expires_at();
  row.accepted_at = one.result.created;
  row.received = one.received;
  return row;
}

error stages::write_intents(reservation_store& store, std::size_t first,
                            std::size_t last) {
  transition_batch batch;
  for (auto i = first; i < last; ++i) {
    rows_[i] = std::make_shared<record>(new_row(sample_of(i)));
    batch.journal.push_back(
      {.at = rows_[i]->accepted_at, .id = rows_[i]->id, .event = "accepted"});
    batch.puts.push_back({rows_[i], true});
  }
  batch.cursors.emplace_back("replay", next_sequence_);
  return store.apply(batch, durability::machine);
}

error stages::write_outcomes(reservation_store& store, std::size_t first,
                             std::size_t last) {
  transition_batch batch;
  for (auto i = first; i < last; ++i) {
    auto row = std::make_shared<record>(*rows_[i]);
    row->state = record_state::provisioned;
    row->settled_at = row->accepted_at;
    row->result = sample_of(i).result;
    batch.journal.push_back({.at = row->settled_at,
                             .id = row->id,
                             .event = std::string{to_string(row->state)}});
    batch.outbox.push_back(
      {.kind = report_kind::result, .id = row->id, .body = sample_of(i).body});
    batch.puts.push_back({std::move(row), false});
  }
  if (auto failure = store.apply(batch, durability::machine))
    return failure;
  // Accepted by the explorer later: dropped again, without a sync.
  transition_batch closing;
  for (auto& row : batch.outbox)
    closing.delivered.push_back(row.sequence);
  return store.apply(closing, durability::process);
}

error stages::store_pass(reservation_store& store, std::size_t count) {
  // Page by page, as a node works: what is dropped soon is still in memory.
  for (std::size_t page = 0; page < count; page += orders_.intents_per_sync) {
    auto end = std::min(page + orders_.intents_per_sync, count);
    if (auto failure = write_intents(store, page, end))
      return failure;
    for (auto i = page; i < end; i += orders_.outcomes_per_sync)
      if (auto failure = write_outcomes(
            store, i, std::min(i + orders_.outcomes_per_sync, end)))
        return failure;
  }
  return {};
}

error stages::store_all() {
  auto folder = orders_.folder + "/stage-store";
  std::filesystem::remove_all(folder);
  auto store = open_leveldb_store(
    folder, orders_.documents.node_id, system_clock{}.now(),
    {.signs = std::make_shared<ed25519_signer>(measured_node())});
  if (!store)
    return store.error();
  // As many as the run writes: with their number grows what LevelDB moves from
  // table to table. With one record per sync, fewer of them take as long.
  auto group = std::max(orders_.intents_per_sync, orders_.outcomes_per_sync);
  auto count
    = group == 1 ? serial_records : std::min(orders_.records, records_max);
  rows_.resize(count);
  // The first syncs of a new log take ten times as long on some disks.
  error failure;
  for (std::size_t i = 0; i < warm_up_syncs && !failure; ++i)
    failure = write_intents(**store, 0, 1);
  auto pass = measure(1, [&](std::size_t) {
    if (!failure)
      failure = store_pass(**store, count);
  });
  store->reset();
  std::filesystem::remove_all(folder);
  auto each = static_cast<double>(count);
  costs_.store = {pass.cpu_us / each, pass.wall_us / each};
  return failure;
}

// -- the explorer -------------------------------------------------------------

error stages::put_all() {
  std::vector<put_request> requests;
  for (auto& one : samples_)
    if (!one.body.empty())
      requests.push_back({one.what->id, one.body});
  // The first ones open connections.
  auto warm
    = measure_puts(orders_.explorer_url, orders_.documents.node_id,
                   {requests.begin(), requests.begin() + requests.size() / 8},
                   orders_.puts_in_flight);
  if (!warm)
    return warm.error();
  auto explorer = cpu_seconds_of(orders_.explorer_pid);
  auto cost = measure_puts(orders_.explorer_url, orders_.documents.node_id,
                           requests, orders_.puts_in_flight);
  if (!cost)
    return cost.error();
  costs_.http = *cost;
  costs_.explorer_us = (cpu_seconds_of(orders_.explorer_pid) - explorer) * 1e6
                       / static_cast<double>(requests.size());
  return {};
}

expected<stage_costs> stages::take() {
  if (auto failure = read_samples())
    return fail(std::move(failure));
  decode_all();
  if (orders_.verify)
    if (auto failure = verify_all())
      return fail(std::move(failure));
  if (auto failure = sign_all())
    return fail(std::move(failure));
  // On a thread of its own, as in the node: one that was busy before waits
  // longer for its turn after each sync, if others want the cores.
  error store_failure;
  std::thread{[&] { store_failure = store_all(); }}.join();
  if (store_failure)
    return fail(std::move(store_failure));
  if (!orders_.explorer_url.empty())
    if (auto failure = put_all())
      return fail(std::move(failure));
  return costs_;
}

} // namespace

expected<stage_costs> measure_stages(const stage_orders& orders) {
  return stages{orders}.take();
}

} // namespace provision::bench
