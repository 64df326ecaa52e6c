// The original's ReservationCache, on top of the same store: for embedders and
// tools that keep reservations without an engine.
#include "actors/reservation_cache.hpp"

#include <limits>

#include "actors/indexed_store.hpp"
#include "messages/json/json.hpp"

namespace provision {

error reservation_cache::add(const reservation& r) {
  auto known = store_->find(r.id);
  if (!known)
    return known.error();
  if (*known)
    return {errc::already_exists, "reservation " + r.id + " is stored already"};
  auto text = json::write(r);
  if (!text)
    return text.error();
  auto takes = resources_of(r);
  if (!takes)
    return takes.error();
  auto row = std::make_shared<record>();
  row->id = r.id;
  row->sequence = next_sequence_++;
  row->state = record_state::provisioned;
  row->source = r.tag.source;
  row->type = r.type;
  row->user_id = r.user_id;
  row->version = r.version;
  row->takes = *takes;
  row->network = network_of(r);
  row->expires = r.expires_at();
  row->accepted_at = row->settled_at = clock_->now();
  row->result = r.result;
  row->received = own_text(std::move(*text), text_form::reservation);
  transition_batch batch;
  batch.puts.push_back({std::move(row), true});
  return store_->apply(batch, durability::machine);
}

expected<reservation> reservation_cache::get(std::string_view id) {
  return find(id).map([](const found_record& found) { return *found.what; });
}

error reservation_cache::remove(std::string_view id) {
  auto known = store_->find(id);
  if (!known)
    return known.error();
  if (!*known)
    return {errc::no_such_reservation,
            "the node knows no reservation " + std::string{id}};
  transition_batch batch;
  batch.gone.push_back({(*known)->id, (*known)->version, clock_->now(), {}});
  return store_->apply(batch, durability::machine);
}

expected<bool> reservation_cache::exists(std::string_view id) {
  return store_->find(id).map(
    [](const std::optional<record>& row) { return row.has_value(); });
}

expected<bool> reservation_cache::network_exists(std::string_view network) {
  return store_->network_exists(network);
}

error reservation_cache::sync(statser& numbers) {
  return store_->for_each([&numbers](const record_summary& row) {
    if (holds_capacity(row.state))
      numbers.increment({reservation_type{std::string{row.type}}, row.takes,
                         std::string{row.network}});
  });
}

expected<std::vector<reservation>> reservation_cache::get_expired() {
  auto due
    = store_->expired(clock_->now(), std::numeric_limits<std::size_t>::max());
  if (!due)
    return fail(due.error());
  std::vector<reservation> result;
  for (auto& row : *due) {
    auto what = decode_reservation(row);
    if (!what)
      return fail(what.error());
    result.push_back(std::move(*what));
  }
  return result;
}

} // namespace provision
