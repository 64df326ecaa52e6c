#include "persistence/memory/memory_reservation_store.hpp"

#include <algorithm>
#include <utility>

namespace provision {

namespace {

/// Values of `rows` behind the key `after`.
template <class Map, class Key>
auto values_behind(const Map& rows, const Key& after, std::size_t count_max) {
  std::vector<typename Map::mapped_type> found;
  for (auto row = rows.upper_bound(after);
       row != rows.end() && found.size() < count_max; ++row)
    found.push_back(row->second);
  return found;
}

template <class Map>
auto find_value(const Map& rows, std::string_view key) {
  const auto row = rows.find(key);
  using value = typename Map::mapped_type;
  return row == rows.end() ? std::optional<value>{}
                           : std::optional<value>{row->second};
}

record_summary summarise(const record& what) {
  record_summary seen;
  seen.id = what.id;
  seen.state = what.state;
  seen.type = what.type.name;
  seen.network = what.network;
  seen.takes = what.takes;
  seen.sequence = what.sequence;
  seen.expires = what.expires;
  seen.user = what.user_id;
  return seen;
}

} // namespace

memory_reservation_store::memory_reservation_store(
  failure_func before_apply, std::shared_ptr<memory_contents> contents,
  std::size_t journal_rows_max)
  : before_apply_{std::move(before_apply)}, contents_{std::move(contents)},
    journal_rows_max_{journal_rows_max} {
  found_.created = contents_ == nullptr;
  if (contents_ == nullptr)
    contents_ = std::make_shared<memory_contents>();
  found_.live_records = contents_->records.size();
  for (const auto& [id, what] : contents_->records)
    found_.next_sequence = std::max(found_.next_sequence, what.sequence + 1);
}

error memory_reservation_store::apply(transition_batch& batch, durability) {
  if (auto wrong = check_batch(batch))
    return wrong;
  if (before_apply_)
    if (auto wrong = before_apply_())
      return wrong;
  name_quarantine(batch);
  auto& kept = *contents_;
  // Gone before put: an id that is gone and put in one batch lives again.
  for (const auto& stone : batch.gone) {
    if (const auto old = kept.records.find(stone.id);
        old != kept.records.end()) {
      drop_index(old->second);
      kept.records.erase(old);
    }
    kept.tombstones.insert_or_assign(stone.id, stone);
  }
  for (const auto& one : batch.puts)
    put(one);
  for (const auto& row : batch.quarantine) {
    auto own = row;
    own.received = own_text(std::string{row.received.text}, row.received.form);
    kept.quarantine.insert_or_assign(row.key, std::move(own));
  }
  for (const auto& key : batch.released)
    kept.quarantine.erase(key);
  append(batch);
  for (const auto& [source, next] : batch.cursors)
    kept.cursors.insert_or_assign(source, next);
  return {};
}

void memory_reservation_store::drop_index(const record& old) {
  if (const auto row = contents_->work.find(old.sequence);
      row != contents_->work.end() && row->second == old.id)
    contents_->work.erase(row);
  contents_->deadlines.erase({old.expires, old.id});
  contents_->networks.erase({old.network, old.id});
  contents_->users.erase({old.user_id, old.id});
  contents_->types.erase({old.type.name, old.id});
}

void memory_reservation_store::put(const record_put& put) {
  auto what = *put.what;
  const auto old = contents_->records.find(what.id);
  if (old != contents_->records.end())
    drop_index(old->second);
  if (put.with_received)
    what.received
      = own_text(std::string{what.received.text}, what.received.form);
  else
    what.received = old != contents_->records.end() ? old->second.received
                                                    : received_text{};
  if (is_pending(what.state))
    contents_->work.insert_or_assign(what.sequence, what.id);
  if (has_deadline(what.state, what.expires))
    contents_->deadlines.insert({what.expires, what.id});
  if (stands_for_network(what.state, what.network))
    contents_->networks.insert({what.network, what.id});
  contents_->users.insert({what.user_id, what.id});
  contents_->types.insert({what.type.name, what.id});
  contents_->records.insert_or_assign(put.what->id, std::move(what));
}

void memory_reservation_store::append(transition_batch& batch) {
  auto& kept = *contents_;
  for (auto& row : batch.outbox) {
    row.sequence = kept.outbox_next++;
    kept.outbox.insert_or_assign(row.sequence, row);
  }
  for (const auto sequence : batch.delivered) {
    kept.outbox.erase(sequence);
    kept.parked.erase(sequence);
  }
  for (const auto& row : batch.parked) {
    kept.outbox.erase(row.sequence);
    kept.parked.insert_or_assign(row.sequence, row).first->second.parked = true;
  }
  for (auto& entry : batch.journal) {
    entry.sequence = kept.journal_next++;
    kept.journal.insert_or_assign(entry.sequence, entry);
  }
  while (kept.journal.size() > journal_rows_max_)
    kept.journal.erase(kept.journal.begin());
}

expected<std::optional<record>>
memory_reservation_store::find(std::string_view id) {
  return find_value(contents_->records, id);
}

expected<std::optional<tombstone>>
memory_reservation_store::find_tombstone(std::string_view id) {
  return find_value(contents_->tombstones, id);
}

expected<std::optional<quarantined>>
memory_reservation_store::find_quarantined(std::string_view key) {
  return find_value(contents_->quarantine, key);
}

expected<std::vector<record>>
memory_reservation_store::pending(std::uint64_t after, std::size_t count_max) {
  std::vector<record> found;
  for (const auto& id : values_behind(contents_->work, after, count_max))
    found.push_back(contents_->records.at(id));
  return found;
}

expected<std::vector<record>>
memory_reservation_store::expired(timestamp now, std::size_t count_max) {
  std::vector<record> found;
  for (const auto& [at, id] : contents_->deadlines) {
    if (at > now || found.size() == count_max)
      break;
    found.push_back(contents_->records.at(id));
  }
  return found;
}

expected<std::optional<timestamp>> memory_reservation_store::next_deadline() {
  if (contents_->deadlines.empty())
    return std::optional<timestamp>{};
  return std::optional{contents_->deadlines.begin()->first};
}

expected<bool>
memory_reservation_store::network_exists(std::string_view network) {
  const auto row
    = contents_->networks.lower_bound({std::string{network}, std::string{}});
  return row != contents_->networks.end() && row->first == network;
}

expected<std::vector<outbox_row>>
memory_reservation_store::outbox(std::uint64_t after, std::size_t count_max) {
  return values_behind(contents_->outbox, after, count_max);
}

expected<std::vector<outbox_row>>
memory_reservation_store::parked(std::size_t count_max) {
  return values_behind(contents_->parked, std::uint64_t{0}, count_max);
}

expected<std::vector<quarantined>>
memory_reservation_store::quarantine(std::string_view after,
                                     std::size_t count_max) {
  return values_behind(contents_->quarantine, after, count_max);
}

expected<std::vector<journal_entry>>
memory_reservation_store::journal(std::uint64_t after, std::size_t count_max) {
  return values_behind(contents_->journal, after, count_max);
}

expected<std::uint64_t> memory_reservation_store::journal_before(timestamp at) {
  std::uint64_t last = 0;
  for (const auto& [sequence, entry] : contents_->journal) {
    if (entry.at >= at)
      break;
    last = sequence;
  }
  return last;
}

expected<std::vector<record>>
memory_reservation_store::list(std::string_view prefix, std::string_view after,
                               std::size_t count_max) {
  std::vector<record> found;
  auto row = contents_->records.lower_bound(prefix);
  if (after >= prefix && !after.empty())
    row = contents_->records.upper_bound(after);
  for (; row != contents_->records.end() && found.size() < count_max
         && row->first.starts_with(prefix);
       ++row) {
    found.push_back(row->second);
    found.back().received = {};
  }
  return found;
}

expected<std::optional<std::vector<std::string>>>
memory_reservation_store::ids_of(listed_by what, std::string_view value,
                                 const id_range& range) {
  const auto& lists
    = what == listed_by::user ? contents_->users : contents_->types;
  const std::string group{value};
  const std::string begin{std::max(range.prefix, range.after)};
  std::vector<std::string> ids;
  for (auto row = lists.lower_bound({group, begin});
       row != lists.end() && row->first == group
       && row->second.starts_with(range.prefix) && ids.size() < range.count_max;
       ++row)
    if (range.after.empty() || row->second > range.after)
      ids.push_back(row->second);
  return std::optional{std::move(ids)};
}

expected<std::uint64_t>
memory_reservation_store::cursor(std::string_view source) {
  return find_value(contents_->cursors, source).value_or(0);
}

error memory_reservation_store::for_each(
  const std::function<void(const record_summary&)>& visit) {
  for (const auto& [id, what] : contents_->records)
    visit(summarise(what));
  return {};
}

expected<store_statistics> memory_reservation_store::statistics() {
  return store_statistics{
    .outbox_rows = contents_->outbox.size(),
    .parked_rows = contents_->parked.size(),
    .quarantined = contents_->quarantine.size(),
    .tombstones = contents_->tombstones.size(),
  };
}

} // namespace provision
