#include "bench/replay/stage_store.hpp"

#include <filesystem>
#include <utility>

#include "bench/replay/generator.hpp"
#include "bench/replay/stream_journal.hpp"
#include "messages/converter.hpp"
#include "persistence/leveldb/leveldb_reservation_store.hpp"

namespace provision::bench {

expected<std::unique_ptr<stage_store>>
stage_store::open(const std::string& folder, const std::string& node_id) {
  auto made
    = std::unique_ptr<stage_store>{new stage_store{folder + "/stage-store"}};
  std::filesystem::remove_all(made->folder_);
  auto store = open_leveldb_store(
    made->folder_, node_id, system_clock{}.now(),
    {.signs = std::make_shared<ed25519_signer>(measured_node())});
  if (!store)
    return fail(store.error());
  made->store_ = std::move(*store);
  return made;
}

stage_store::~stage_store() {
  store_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

/// The row of a new intent, as the cache makes it.
record stage_store::new_row(const stage_sample& one) {
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
  row.accepted_at = one.what->created;
  row.received = one.received;
  return row;
}

error stage_store::write_intents(
  const std::vector<const stage_sample*>& group) {
  transition_batch batch;
  for (auto* one : group) {
    auto row = std::make_shared<record>(new_row(*one));
    batch.journal.push_back(
      {.at = row->accepted_at, .id = row->id, .event = "accepted"});
    batch.puts.push_back({row, true});
    open_.push_back(std::move(row));
  }
  batch.cursors.emplace_back("replay", next_sequence_);
  return store_->apply(batch, durability::machine);
}

error stage_store::write_outcomes(
  const std::vector<const stage_sample*>& group) {
  transition_batch batch;
  for (auto* one : group) {
    auto row = std::make_shared<record>(*open_.front());
    open_.pop_front();
    row->state = record_state::provisioned;
    row->settled_at = row->accepted_at;
    row->result = one->result;
    batch.journal.push_back({.at = row->settled_at,
                             .id = row->id,
                             .event = std::string{to_string(row->state)}});
    batch.outbox.push_back(
      {.kind = report_kind::result, .id = row->id, .body = one->body});
    batch.puts.push_back({std::move(row), false});
  }
  if (auto failure = store_->apply(batch, durability::machine))
    return failure;
  // Accepted by the explorer later: dropped again, without a sync.
  transition_batch closing;
  for (auto& row : batch.outbox)
    closing.delivered.push_back(row.sequence);
  return store_->apply(closing, durability::process);
}

} // namespace provision::bench
