#include "persistence/leveldb/transition_writer.hpp"

#include <algorithm>

#include "persistence/leveldb/journal_chain.hpp"
#include "persistence/leveldb/key_layout.hpp"
#include "persistence/leveldb/list_index.hpp"
#include "persistence/leveldb/status.hpp"
#include "persistence/record_codec.hpp"
#include "persistence/row_codec.hpp"
#include "persistence/transition_rules.hpp"

namespace provision {

namespace {

using keys::kind;

bool is_counted(std::string_view key) {
  const auto what = keys::kind_of(key);
  return what == kind::outbox || what == kind::parked
         || what == kind::quarantine || what == kind::tombstone;
}

std::uint64_t& count_of(store_statistics& counts, std::string_view key) {
  switch (static_cast<kind>(key.front())) {
  case kind::outbox:
    return counts.outbox_rows;
  case kind::parked:
    return counts.parked_rows;
  case kind::quarantine:
    return counts.quarantined;
  default:
    return counts.tombstones;
  }
}

} // namespace

error transition_writer::add(transition_batch& batch) {
  // Gone before put: an id that is gone and put in one batch lives again.
  for (const auto& stone : batch.gone)
    if (auto wrong = remove(stone))
      return wrong;
  for (const auto& one : batch.puts)
    if (auto wrong = put(one))
      return wrong;
  for (const auto& row : batch.quarantine)
    put_row(keys::named(kind::quarantine, row.key), encode_quarantined(row));
  for (const auto& key : batch.released) {
    drop_row(keys::named(kind::quarantine, key));
    drop_row(keys::named(kind::damaged, keys::named(kind::state, key)));
    drop_row(keys::named(kind::damaged, keys::named(kind::received, key)));
  }
  add_outbox(batch);
  if (auto wrong = add_journal(batch))
    return wrong;
  for (const auto& [source, next] : batch.cursors)
    put_row(keys::cursor(source), encode_number(next));
  return {};
}

error transition_writer::remove(const tombstone& stone) {
  if (auto wrong = drop_index_rows(stone.id, index_rows::all))
    return wrong;
  drop_row(keys::named(kind::state, stone.id));
  drop_row(keys::named(kind::received, stone.id));
  put_row(keys::named(kind::tombstone, stone.id), encode_tombstone(stone));
  return {};
}

error transition_writer::put(const record_put& put) {
  const auto& what = *put.what;
  // Only new bytes can change deadline, network, user or type, and only an
  // ordered removal gives a pending record a new place in the order of work.
  // Every other transition finds its index rows without looking at the old
  // state.
  if (put.with_received || what.state == record_state::removing)
    if (auto wrong = drop_index_rows(
          what.id, put.with_received ? index_rows::all : index_rows::of_state))
      return wrong;
  put_row(keys::named(kind::state, what.id), encode_state(what));
  if (put.with_received) {
    put_row(keys::named(kind::received, what.id),
            encode_received(what.received));
    for (const auto& key : list_rows_of(
           {.id = what.id, .type = what.type.name, .user = what.user_id}))
      put_row(key, {});
  }
  const auto set
    = [&](bool present, const std::string& key, std::string_view value) {
        if (present)
          put_row(key, value);
        else
          drop_row(key);
      };
  set(is_pending(what.state), keys::numbered(kind::work, what.sequence),
      what.id);
  if (what.expires != end_of_time)
    set(has_deadline(what.state, what.expires),
        keys::expiry(what.expires, what.id), {});
  if (!what.network.empty())
    set(stands_for_network(what.state, what.network),
        keys::grouped(kind::network, what.network, what.id), {});
  return {};
}

error transition_writer::drop_index_rows(std::string_view id,
                                         index_rows which) {
  if (stateless_.contains(id))
    return {};
  const auto row = db_.get(keys::named(kind::state, id));
  if (!row)
    return row.error();
  if (!*row)
    return {};
  const auto old = decode_summary(**row);
  // A damaged row does not say which index rows are its own. They may stay:
  // readers compare every index row with its record.
  if (!old)
    return {};
  drop_row(keys::numbered(kind::work, old->sequence));
  if (old->expires != end_of_time)
    drop_row(keys::expiry(old->expires, id));
  if (!old->network.empty())
    drop_row(keys::grouped(kind::network, old->network, id));
  if (which == index_rows::all)
    for (const auto& key : list_rows_of(*old))
      drop_row(key);
  return {};
}

void transition_writer::add_outbox(transition_batch& batch) {
  for (auto& row : batch.outbox) {
    row.sequence = numbers_.outbox_next++;
    put_row(keys::numbered(kind::outbox, row.sequence), encode_outbox_row(row));
  }
  for (const auto sequence : batch.delivered) {
    drop_row(keys::numbered(kind::outbox, sequence));
    if (sequence < numbers_.parked_next)
      drop_row(keys::numbered(kind::parked, sequence));
  }
  for (const auto& row : batch.parked) {
    auto kept = row;
    kept.parked = true;
    numbers_.parked_next = std::max(numbers_.parked_next, row.sequence + 1);
    drop_row(keys::numbered(kind::outbox, row.sequence));
    put_row(keys::numbered(kind::parked, row.sequence),
            encode_outbox_row(kept));
  }
}

error transition_writer::add_journal(transition_batch& batch) {
  if (batch.journal.empty())
    return {};
  auto& chain = numbers_.journal;
  for (auto& entry : batch.journal) {
    const auto row = append_line(chain, entry);
    put_row(keys::numbered(kind::journal, entry.sequence), row);
  }
  trim_journal(batch);
  const auto seal = sealed_row(chain, journal_.signs);
  if (!seal)
    return seal.error();
  put_row(std::string{keys::journal_seal}, *seal);
  if (numbers_.lists_are_whole)
    put_row(std::string{keys::listed}, encode_number(chain.last));
  return {};
}

/// A few rows out per row in: the journal stays bounded at an even price.
void transition_writer::trim_journal(const transition_batch& batch) {
  auto& chain = numbers_.journal;
  const auto before = chain.first;
  const auto drop_first = [&] {
    drop_row(keys::numbered(kind::journal, chain.first++));
    numbers_.journal_since.reset();
  };
  while (chain.last + 1 - chain.first > journal_.rows_max)
    drop_first();
  constexpr int aged_max = 64;
  const auto oldest
    = saturating_add(batch.journal.back().at, -journal_.age_max);
  for (int n = 0;
       journal_.age_max.count() > 0 && n < aged_max && chain.first < chain.last;
       ++n) {
    if (!numbers_.journal_since) {
      const auto line = line_of(chain.first, batch);
      // A line that cannot be read is as old as the one before it.
      numbers_.journal_since = line ? line->at : oldest;
    }
    if (*numbers_.journal_since >= oldest)
      break;
    drop_first();
  }
  if (chain.first == before || chain.first < chain.chained_from)
    return;
  // What remains must still be seen to follow what was cut off.
  chain.chained_from = chain.first;
  const auto line = line_of(chain.first, batch);
  chain.before = line ? line->before : std::string{};
}

expected<journal_entry>
transition_writer::line_of(std::uint64_t number,
                           const transition_batch& batch) {
  const auto& fresh = batch.journal;
  if (number >= fresh.front().sequence && number <= fresh.back().sequence)
    return fresh[number - fresh.front().sequence];
  const auto row = db_.get(keys::numbered(kind::journal, number));
  if (!row)
    return fail(row.error());
  if (!*row)
    return fail(errc::storage_corrupt, "line is missing");
  return decode_journal_entry(**row);
}

void transition_writer::put_row(const std::string& key,
                                std::string_view value) {
  rows_.Put(key, to_slice(value));
  if (is_counted(key))
    touched_[key] = true;
}

void transition_writer::drop_row(const std::string& key) {
  rows_.Delete(key);
  if (is_counted(key))
    touched_[key] = false;
}

error transition_writer::count(store_statistics& counts) {
  for (const auto& [key, present] : touched_) {
    const auto before = db_.get(key);
    if (!before)
      return before.error();
    if (present && !*before)
      ++count_of(counts, key);
    if (!present && *before)
      --count_of(counts, key);
  }
  return {};
}

} // namespace provision
