#include "actors/reservation_questions.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include "actors/reservation_cache.hpp"

namespace provision {

namespace {

/// Ids that are named when an id's beginning is not enough.
constexpr std::size_t candidates_max = 10;

/// Journal lines that are read near one known time. What happens to one
/// reservation at once is written in one batch, whose lines lie together.
constexpr std::size_t lines_near_max = 512;

/// Looks `id` up wherever one can be.
error look_up(reservation_store& store, reservation_history& found) {
  auto row = store.find(found.id);
  if (!row && row.error().code != errc::storage_corrupt)
    return row.error();
  if (row && *row)
    found.row = std::make_shared<record>(std::move(**row));
  else if (!row)
    found.set_aside = quarantined{.key = found.id, .reason = row.error()};
  auto grave = store.find_tombstone(found.id);
  if (!grave && grave.error().code != errc::storage_corrupt)
    return grave.error();
  if (grave)
    found.grave = std::move(*grave);
  // The row itself, if there is one, is the first at or behind its key.
  auto before = found.id;
  if (!before.empty() && before.back() > '\0')
    --before.back();
  before += '\x7f';
  auto aside = store.quarantine(before, candidates_max);
  if (!aside)
    return aside.error();
  for (auto& one : *aside)
    if (one.key == found.id)
      found.set_aside = std::move(one);
  return {};
}

bool is_known(const reservation_history& found) {
  return found.row || found.grave || found.set_aside;
}

/// Ids of records and of quarantined input that begin with `prefix`.
expected<std::vector<std::string>> ids_with(reservation_store& store,
                                            const std::string& prefix) {
  std::vector<std::string> ids;
  auto rows = store.list(prefix, {}, candidates_max);
  if (!rows)
    return fail(rows.error());
  for (auto& row : *rows)
    ids.push_back(std::move(row.id));
  auto before = prefix;
  --before.back();
  before += '\x7f';
  auto aside = store.quarantine(before, candidates_max);
  if (!aside)
    return fail(aside.error());
  for (auto& one : *aside)
    if (one.key.starts_with(prefix)
        && std::find(ids.begin(), ids.end(), one.key) == ids.end())
      ids.push_back(std::move(one.key));
  return ids;
}

/// The times at which something is known to have happened to it.
std::vector<timestamp> known_times(const reservation_history& found) {
  std::vector<timestamp> times;
  if (found.row) {
    times.push_back(found.row->accepted_at);
    times.push_back(found.row->settled_at);
    // The order to remove it, if its time is over.
    if (found.row->state == record_state::removing)
      times.push_back(found.row->expires);
  }
  if (found.grave)
    // What led to the end was written shortly before.
    for (auto before : {std::chrono::seconds{2}, std::chrono::seconds{0}})
      times.push_back(saturating_add(found.grave->gone_at, -before));
  if (found.set_aside)
    times.push_back(found.set_aside->since);
  std::erase_if(times,
                [](timestamp t) { return t.is_zero() || t == end_of_time; });
  return times;
}

error add_lines(reservation_store& store, reservation_history& found) {
  std::map<std::uint64_t, journal_entry> lines;
  auto collect = [&](std::uint64_t after) -> error {
    auto near = store.journal(after, lines_near_max);
    if (!near)
      return near.error();
    for (auto& line : *near)
      if (line.id == found.id)
        lines.insert_or_assign(line.sequence, std::move(line));
    return {};
  };
  for (auto at : known_times(found)) {
    auto before = store.journal_before(at);
    if (auto failure = before ? collect(*before) : before.error())
      return failure;
  }
  auto last = store.journal_before(end_of_time);
  if (!last)
    return last.error();
  if (auto failure
      = collect(*last > lines_near_max ? *last - lines_near_max : 0))
    return failure;
  for (auto& [sequence, line] : lines)
    found.lines.push_back(std::move(line));
  return {};
}

error add_reports(reservation_store& store, reservation_history& found) {
  for (auto rows :
       {store.parked(list_count_max), store.outbox(0, list_count_max)}) {
    if (!rows)
      return rows.error();
    for (auto& row : *rows)
      if (row.id == found.id)
        found.reports.push_back(std::move(row));
  }
  return {};
}

} // namespace

expected<reservation_history> history_from(reservation_store& store,
                                           const read_history& request) {
  reservation_history found;
  found.id = request.id;
  if (request.id.empty())
    return fail(errc::no_such_reservation, "no id was given");
  if (auto failure = look_up(store, found))
    return fail(std::move(failure));
  if (!is_known(found)) {
    auto ids = ids_with(store, request.id);
    if (!ids)
      return fail(ids.error());
    if (ids->empty())
      return fail(errc::no_such_reservation,
                  "the node knows no reservation " + request.id
                    + "; 'provisionctl list' shows those that it knows");
    if (ids->size() > 1) {
      found.candidates = std::move(*ids);
      return found;
    }
    found.id = ids->front();
    if (auto failure = look_up(store, found))
      return fail(std::move(failure));
  }
  if (auto failure = add_lines(store, found))
    return fail(std::move(failure));
  if (auto failure = add_reports(store, found))
    return fail(std::move(failure));
  return found;
}

expected<journal_lines> journal_from(reservation_store& store,
                                     const read_journal& request) {
  auto after = request.after;
  if (request.last) {
    auto newest = store.journal_before(end_of_time);
    if (!newest)
      return fail(newest.error());
    after = *newest > *request.last ? *newest - *request.last : 0;
  }
  auto lines = store.journal(
    after, std::clamp<std::size_t>(request.count_max, 1, list_count_max));
  if (!lines)
    return fail(lines.error());
  return journal_lines{std::move(*lines), store.seal()};
}

expected<quarantine_rows> quarantine_from(reservation_store& store,
                                          const read_quarantine& request) {
  auto rows = store.quarantine(
    request.after,
    std::clamp<std::size_t>(request.count_max, 1, list_count_max));
  if (!rows)
    return fail(rows.error());
  return quarantine_rows{std::move(*rows)};
}

expected<store_status> status_from(reservation_store& store) {
  auto rows = store.statistics();
  if (!rows)
    return fail(rows.error());
  auto next = store.next_deadline();
  if (!next)
    return fail(next.error());
  auto& found = store.recovery();
  return store_status{*rows, found.live_records, found.salvaged.size(), *next,
                      store.writes()};
}

namespace {

/// Migrations that are followed from a name to who has it now.
constexpr int migrations_max = 16;

reservation_fate fate_in(reservation_store& store, std::string id) {
  const reservation_fate unknown{.is = fate::unknown};
  for (int turn = 0; turn < migrations_max; ++turn) {
    const auto row = store.find_state(id);
    if (!row)
      return unknown;
    if (*row) {
      const auto state = (*row)->state;
      const bool is_over
        = state == record_state::failed || state == record_state::rejected;
      return {.is = is_over ? fate::failed : fate::live,
              .since = (*row)->settled_at};
    }
    const auto grave = store.find_tombstone(id);
    if (!grave)
      return unknown;
    if (*grave && (*grave)->migrated_to.empty())
      return {.is = fate::gone, .since = (*grave)->gone_at};
    if (!*grave) {
      const auto aside = store.find_quarantined(id);
      if (!aside)
        return unknown;
      return *aside ? reservation_fate{fate::set_aside, (*aside)->since}
                    : reservation_fate{};
    }
    id = (*grave)->migrated_to;
  }
  return unknown;
}

} // namespace

recalled_fates fates_from(reservation_store& store,
                          const recall_fates& request) {
  recalled_fates reply;
  for (const auto& id : request.ids)
    reply.fates.push_back(fate_in(store, id));
  return reply;
}

expected<host_names> names_from(reservation_store& store,
                                const list_host_names& request) {
  constexpr std::size_t page = 256;
  const auto rows = store.list({}, request.after, page);
  if (!rows)
    return fail(rows.error());
  host_names reply;
  for (const auto& row : *rows) {
    if (row.state == record_state::failed
        || row.state == record_state::rejected)
      continue;
    const auto whole = store.find(row.id);
    if (!whole)
      return fail(whole.error());
    if (!*whole)
      continue;
    const auto what = decode_reservation(**whole);
    if (!what)
      return fail(what.error());
    reply.names.push_back(filesystem_name(*what));
  }
  if (rows->size() == page)
    reply.next = rows->back().id;
  return reply;
}

std::string_view to_string(fate is) noexcept {
  switch (is) {
  case fate::unheard:
    return "unheard";
  case fate::live:
    return "live";
  case fate::failed:
    return "failed";
  case fate::set_aside:
    return "set_aside";
  case fate::gone:
    return "gone";
  case fate::unknown:
    break;
  }
  return "unknown";
}

} // namespace provision
