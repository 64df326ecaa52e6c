#include "bench/replay/cached_store.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>

#include "actors/reservation_cache.hpp"
#include "messages/hex.hpp"
#include "messages/json/json.hpp"
#include "persistence/leveldb/database.hpp"
#include "persistence/leveldb/leveldb_reservation_store.hpp"

namespace provision::bench {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t batch_size = 256;

expected<record_ptr> make_row(const cached_orders& orders, generator& source,
                              std::uint64_t number, timestamp now,
                              const std::string& signature) {
  auto text = own_text(json::write(source.next()), text_form::document);
  auto what = decode_reservation(text);
  if (!what)
    return fail(what.error());
  auto row = std::make_shared<record>();
  row->id = what->id;
  row->sequence = number + 1;
  row->state = record_state::provisioned;
  row->attempts = 1;
  row->source = "replay";
  row->type = what->type;
  row->user_id = what->user_id;
  row->version = what->version;
  row->takes = resources_of(*what).value_or(resources{});
  row->network = network_of(*what);
  row->accepted_at = row->settled_at = now;
  row->received = std::move(text);
  if (orders.first_deadline != end_of_time)
    row->expires = saturating_add(
      orders.first_deadline, orders.step * static_cast<std::int64_t>(number));
  row->result = {.type = row->type,
                 .id = row->id,
                 .created = now,
                 .state = result_state::ok,
                 .data = "{\"id\":\"" + row->id + "\"}",
                 .signature = signature};
  return row;
}

error write_store(const cached_orders& orders) {
  auto now = system_clock{}.now();
  auto store = open_leveldb_store(
    orders.folder, orders.node_id, now,
    {.journal_rows_max = orders.count + 1, .signs = orders.signs});
  if (!store)
    return store.error();
  generator source{{.seed = orders.seed,
                    .mix = orders.mix,
                    .node_id = orders.node_id,
                    .first_id = first_cached_id,
                    .is_signed = false}};
  // Results that ran out of nobody's sight: one signature serves all.
  auto signature = hex::encode(measured_node().sign("a result"));
  transition_batch batch;
  for (std::uint64_t i = 0; i < orders.count; ++i) {
    auto row = make_row(orders, source, i, now, signature);
    if (!row)
      return row.error();
    if (orders.has_lines)
      batch.journal.push_back(
        {.at = now, .id = (*row)->id, .event = "provisioned"});
    batch.puts.push_back({std::move(*row), true});
    if (batch.puts.size() < batch_size && i + 1 < orders.count)
      continue;
    if (auto failure = (*store)->apply(batch, durability::process))
      return failure;
    batch = {};
  }
  return {};
}

} // namespace

std::chrono::nanoseconds deadline_step(double seconds, std::uint64_t count) {
  auto each
    = seconds * 1e9 / static_cast<double>(std::max<std::uint64_t>(1, count));
  return std::chrono::nanoseconds{static_cast<std::int64_t>(each)};
}

error settle_store(const std::string& folder) {
  auto rows = database::open(folder, database::missing::refuse);
  if (!rows)
    return rows.error();
  (*rows)->compact();
  return {};
}

error build_store(const cached_orders& orders) {
  auto failure = write_store(orders);
  return failure ? failure : settle_store(orders.folder);
}

error copy_store(const std::string& from, const std::string& to) {
  std::error_code failure;
  fs::create_directories(to, failure);
  for (fs::directory_iterator at{from, failure}, end; !failure && at != end;
       at.increment(failure)) {
    auto target = fs::path{to} / at->path().filename();
    if (at->path().extension() == ".ldb")
      fs::create_hard_link(at->path(), target, failure);
    else if (at->is_regular_file(failure))
      fs::copy_file(at->path(), target, failure);
  }
  // As the store itself makes it: nobody else may look inside.
  if (!failure)
    fs::permissions(to, fs::perms::owner_all, failure);
  if (failure)
    return {errc::storage_failure,
            from + " cannot be copied to " + to + ": " + failure.message(),
            failure.value()};
  return {};
}

} // namespace provision::bench
