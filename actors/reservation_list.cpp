#include "actors/reservation_list.hpp"

#include <algorithm>
#include <utility>

namespace provision {

namespace {

bool fits(const record& row, const list_records& request) {
  return (!request.state || row.state == *request.state)
         && (request.type.empty() || row.type.name == request.type)
         && (request.user.empty() || row.user_id == request.user);
}

/// Whether `ids` leads further with `count` of them than `others`: the list of
/// what is rarer does.
bool leads_further(const std::vector<std::string>& ids,
                   const std::vector<std::string>& others, std::size_t count) {
  const bool is_all = ids.size() < count;
  const bool are_all = others.size() < count;
  if (is_all && are_all)
    return ids.size() < others.size();
  return is_all || (!are_all && ids.back() > others.back());
}

/// Ids of the next records that may fit, `count` of them, or fewer at the end:
/// by whichever of the filters leaves the fewest. Nothing if no filter has a
/// list of its own.
expected<std::optional<std::vector<std::string>>>
next_ids(indexed_store& store, const list_records& request, std::size_t count) {
  std::optional<std::vector<std::string>> best;
  const auto offer = [&](std::optional<std::vector<std::string>> ids) {
    if (ids && (!best || leads_further(*ids, *best, count)))
      best = std::move(ids);
  };
  if (request.state)
    offer(store.ids_in(*request.state, request.prefix, request.after, count));
  for (const auto& [what, value] :
       {std::pair{listed_by::user, &request.user},
        std::pair{listed_by::type, &request.type}}) {
    if (value->empty())
      continue;
    auto ids
      = store.ids_of(what, *value, {request.prefix, request.after, count});
    if (!ids)
      return fail(ids.error());
    offer(std::move(*ids));
  }
  return best;
}

/// The records with these ids, as far as they are there.
expected<std::vector<record>> states_of(reservation_store& store,
                                        const std::vector<std::string>& ids) {
  std::vector<record> rows;
  for (const auto& id : ids) {
    auto row = store.find_state(id);
    if (!row)
      return fail(row.error());
    if (*row)
      rows.push_back(std::move(**row));
  }
  return rows;
}

} // namespace

expected<listed_records> list_from(indexed_store& store,
                                   const list_records& request) {
  auto count = std::clamp<std::size_t>(request.count_max, 1, list_count_max);
  auto ids = next_ids(store, request, count);
  if (!ids)
    return fail(ids.error());
  auto rows = *ids ? states_of(store, **ids)
                   : store.list(request.prefix, request.after, count);
  if (!rows)
    return fail(rows.error());
  listed_records page;
  // Of ids the last one counts, also if its record is not there any more.
  if (*ids && (*ids)->size() == count)
    page.next = (*ids)->back();
  else if (!*ids && rows->size() == count)
    page.next = rows->back().id;
  for (auto& row : *rows)
    if (fits(row, request))
      page.rows.push_back(std::move(row));
  return page;
}

} // namespace provision
