#include "tests/simulation/shadow.hpp"

#include <limits>

namespace provision::simulation {

namespace {

constexpr auto everything = std::numeric_limits<std::size_t>::max();

std::string row_text(const outbox_row& row) {
  return (row.kind == report_kind::result ? "result " : "deleted ") + row.id
         + " " + row.body;
}

bool is_same(const record& a, const record& b) {
  return a.id == b.id && a.sequence == b.sequence && a.state == b.state
         && a.attempts == b.attempts && a.deaths == b.deaths
         && a.cause == b.cause && a.reason == b.reason && a.source == b.source
         && a.type == b.type && a.user_id == b.user_id && a.version == b.version
         && a.takes == b.takes && a.network == b.network
         && a.expires == b.expires && a.result == b.result
         && a.received.text == b.received.text;
}

std::string compare_rows(const char* what,
                         const std::map<std::uint64_t, outbox_row>& wanted,
                         const expected<std::vector<outbox_row>>& found) {
  if (!found)
    return std::string{"unreadable: "} + what + ": " + to_string(found.error());
  auto next = wanted.begin();
  for (auto& row : *found) {
    auto is_next = next != wanted.end() && next->first == row.sequence;
    if (!is_next && (next == wanted.end() || next->first > row.sequence))
      return std::string{what} + ": unexpected " + row_text(row);
    if (!is_next)
      return std::string{what} + ": missing " + row_text(next->second);
    if (row_text(next->second) != row_text(row))
      return std::string{what} + ": changed: " + row_text(row) + " was "
             + row_text(next->second);
    ++next;
  }
  return next == wanted.end()
           ? std::string{}
           : std::string{what} + ": missing " + row_text(next->second);
}

} // namespace

void shadow::apply(const transition_batch& batch) {
  for (auto& stone : batch.gone) {
    records.erase(stone.id);
    tombstones.insert_or_assign(stone.id, stone);
  }
  for (auto& put : batch.puts) {
    auto& mine = records[put.what->id];
    auto received = put.with_received ? put.what->received : mine.received;
    mine = *put.what;
    mine.received = std::move(received);
    users.insert(mine.user_id);
    types.insert(mine.type.name);
  }
  for (auto& row : batch.quarantine)
    quarantine.insert_or_assign(row.key, row);
  for (auto& key : batch.released)
    quarantine.erase(key);
  for (auto& row : batch.outbox)
    outbox.insert_or_assign(row.sequence, row);
  for (auto sequence : batch.delivered) {
    outbox.erase(sequence);
    parked.erase(sequence);
  }
  for (auto& row : batch.parked) {
    outbox.erase(row.sequence);
    parked.insert_or_assign(row.sequence, row);
  }
  for (auto& [source, next] : batch.cursors)
    cursors.insert_or_assign(source, next);
}

std::string shadow::difference_to(reservation_store& store) const {
  for (auto& [id, mine] : records) {
    auto found = store.find(id);
    if (!found)
      return "unreadable: record " + id + ": " + to_string(found.error());
    if (!*found)
      return "record " + id + " is missing";
    if (!is_same(mine, **found))
      return "record " + id
             + " differs: " + std::string{to_string((*found)->state)}
             + " in place of " + std::string{to_string(mine.state)};
  }
  std::string more;
  auto scanned = store.for_each([&](const record_summary& row) {
    if (!records.contains(std::string{row.id}))
      more = "record " + std::string{row.id} + " is unexpected";
  });
  if (scanned)
    return "unreadable: " + to_string(scanned);
  if (!more.empty())
    return more;
  for (auto& [id, mine] : tombstones) {
    auto found = store.find_tombstone(id);
    if (!found)
      return "unreadable: tombstone " + id;
    if (!*found || (*found)->version != mine.version
        || (*found)->migrated_to != mine.migrated_to)
      return "tombstone " + id + " is missing or differs";
  }
  if (auto wrong = compare_rows("outbox", outbox, store.outbox(0, everything));
      !wrong.empty())
    return wrong;
  if (auto wrong
      = compare_rows("parked rows", parked, store.parked(everything));
      !wrong.empty())
    return wrong;
  auto kept = store.quarantine({}, everything);
  if (!kept)
    return "unreadable: the quarantine";
  if (kept->size() != quarantine.size())
    return "the quarantine differs";
  for (auto& row : *kept)
    if (!quarantine.contains(row.key))
      return "quarantine row " + row.key + " is unexpected";
  for (auto& [source, next] : cursors) {
    auto found = store.cursor(source);
    if (!found)
      return "unreadable: cursor of " + source;
    if (*found != next)
      return "the cursor of " + source + " is " + std::to_string(*found)
             + " in place of " + std::to_string(next);
  }
  auto counts = store.statistics();
  if (!counts)
    return "unreadable: the counts";
  if (counts->tombstones != tombstones.size())
    return "there are tombstones too many";
  return difference_to_lists(store);
}

std::string shadow::difference_to_lists(reservation_store& store) const {
  const auto compare = [&](listed_by what, const std::string& value) {
    if (value.empty())
      return std::string{};
    std::vector<std::string> wanted;
    for (auto& [id, row] : records)
      if (value == (what == listed_by::user ? row.user_id : row.type.name))
        wanted.push_back(id);
    auto found = store.ids_of(what, value, {.count_max = everything});
    if (!found)
      return "unreadable: the list of " + value;
    // A store that found no room for its lists has none.
    return !*found || **found == wanted ? std::string{}
                                        : "the list of " + value + " differs";
  };
  for (auto& user : users)
    if (auto wrong = compare(listed_by::user, user); !wrong.empty())
      return wrong;
  for (auto& type : types)
    if (auto wrong = compare(listed_by::type, type); !wrong.empty())
      return wrong;
  return {};
}

resources shadow::used() const {
  resources sum;
  for (auto& [id, row] : records)
    if (holds_capacity(row.state))
      sum = checked_add(sum, row.takes).value_or(sum);
  return sum;
}

} // namespace provision::simulation
