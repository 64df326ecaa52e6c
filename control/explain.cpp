#include "control/explain.hpp"

#include <string_view>

#include "messages/json/json.hpp"

namespace provision {

namespace {

using steps = std::vector<explained_step>;

/// "at 2021-02-25T09:21:00Z (in 3s)".
std::string moment(timestamp at, timestamp now) {
  auto text = "at " + json::format_rfc3339({at.seconds, 0});
  auto ahead = difference(at, now);
  if (ahead.count() >= 0)
    return text + " (in " + span_text(ahead) + ")";
  return text + " (" + span_text(-ahead) + " ago)";
}

std::string tries(std::uint32_t count) {
  return std::to_string(count) + (count == 1 ? " try" : " tries");
}

bool is_deadline(timestamp t) {
  constexpr std::int64_t year_10000 = 253402300800;
  return !t.is_zero() && t.seconds < year_10000;
}

/// Says in words what one line of the journal means.
std::string words_of(const journal_entry& line) {
  std::string_view event = line.event;
  auto with_text = [&line](std::string words) {
    return line.text.empty() ? words : words + ": " + line.text;
  };
  if (event == "accepted")
    return "accepted: the intent is on disk";
  if (event == "provisioned")
    return "provisioned";
  if (event == "failed")
    return with_text("the provisioner failed");
  if (event == "rejected")
    return with_text("rejected by the node itself");
  if (event == "removing") {
    if (line.text.empty())
      return "taking it down failed, to be tried again";
    if (line.text == to_string(removal_cause::expired))
      return "its time is over, removal begins";
    if (line.text == to_string(removal_cause::ordered))
      return "removal ordered";
    return "removal ordered: " + line.text;
  }
  if (event == "withdrawn")
    return with_text("refused; what an earlier try made is taken down first");
  if (event == "gone")
    return "gone: nothing of it is left";
  if (event == "refused")
    return with_text("refused and set aside");
  if (event == "migrated")
    return with_text("took the place of an older reservation");
  return with_text(line.event);
}

steps steps_of(const reservation_history& history) {
  steps all;
  for (auto& line : history.lines)
    all.push_back({line.at, words_of(line)});
  // Lines older than the journal keeps: the record itself remembers.
  if (history.row && (all.empty() || history.lines.front().event != "accepted"))
    all.insert(all.begin(), {history.row->accepted_at,
                             "accepted from source " + history.row->source});
  return all;
}

/// What the engine as a whole waits for.
void add_engine(explanation& told, const explain_facts& facts) {
  auto& engine = facts.engine;
  if (engine.paused) {
    auto since = engine.paused_since.is_zero()
                   ? std::string{}
                   : " since " + json::format_rfc3339(engine.paused_since);
    told.next.push_back("the engine is paused" + since + ": "
                        + engine.paused.message
                        + "; it tries again every second");
    if (engine.paused.code == errc::disk_full)
      told.next.push_back("make room on the disk of the store; nothing is lost "
                          "meanwhile");
  }
  if (engine.phase == "stopping")
    told.next.push_back("the node is stopping; it goes on after the next "
                        "start");
}

/// Whether the explorer knows how it went.
void add_reports(explanation& told, const explain_facts& facts) {
  for (auto& row : facts.history.reports) {
    if (told.code == "running")
      told.code = row.parked ? "running_report_parked" : "running_report_owed";
    std::string what
      = row.kind == report_kind::result ? "result" : "\"deleted\"";
    if (row.parked) {
      told.next.push_back("the explorer refused the " + what + " for good: "
                          + row.reason + "; it is parked and not sent again");
      continue;
    }
    if (facts.reports.away_since.is_zero()) {
      told.next.push_back("the " + what + " is on its way to the explorer");
      continue;
    }
    told.next.push_back(
      "the " + what + " is not delivered yet: the explorer is away since "
      + json::format_rfc3339({facts.reports.away_since.seconds, 0}) + " ("
      + facts.reports.last_failure.message + ")");
    if (facts.reports.next_try > facts.now)
      told.next.push_back("the next try is "
                          + moment(facts.reports.next_try, facts.now));
  }
}

/// What an operator can do about a reservation that waits.
void add_way_out(explanation& told, const explain_facts& facts) {
  auto& row = *facts.history.row;
  if (row.state == record_state::removing) {
    if (facts.engine.deletions_held > 0)
      told.next.push_back("`provisionctl waiting` shows all that is held, "
                          "`provisionctl confirm deletions` lets it go on");
    return;
  }
  if (facts.engine.cordoned)
    told.next.push_back("`provisionctl uncordon --all` lets it go on");
  for (auto& one : facts.engine.types) {
    if (one.type != row.type)
      continue;
    if (one.cordoned)
      told.next.push_back("`provisionctl uncordon " + row.type.name
                          + "` lets it go on");
    else if (one.health != type_health::serving)
      told.next.push_back(row.type.name
                          + " is probed until it serves again; "
                            "`provisionctl types` shows how it "
                            "fares");
    else if (row.retries > 0)
      told.next.push_back("`provisionctl retry " + row.id
                          + "` tries it at once");
  }
}

/// When it ends, or why it does not although its time is over.
void add_end(explanation& told, const explain_facts& facts) {
  auto& row = *facts.history.row;
  if (!is_deadline(row.expires)) {
    if (!facts.history.set_aside)
      told.next.push_back("it has no end; it runs until its deletion is "
                          "ordered");
    return;
  }
  if (row.expires > facts.now || !facts.engine.clock_distrust)
    told.next.push_back("it expires " + moment(row.expires, facts.now)
                        + ", then it is taken down");
  if (facts.engine.clock_distrust)
    told.next.push_back("nothing expires while the clock is not believed: "
                        + facts.engine.clock_distrust.message
                        + "; `provisionctl confirm clock` if it is right");
}

void explain_running(explanation& told, const explain_facts& facts) {
  auto& row = *facts.history.row;
  told.code = "running";
  told.summary = row.type.name + " " + row.id + " runs since "
                 + json::format_rfc3339({row.settled_at.seconds, 0});
  if (facts.history.set_aside) {
    told.code = "quarantined_removal";
    told.summary = "the removal of " + row.id
                   + " is not tried any more, and it still runs: "
                   + facts.history.set_aside->reason.message;
    told.next.push_back("look at its provisioner, then cancel it");
  }
  add_end(told, facts);
}

/// Why the result is an error, by the words the engine gives it.
std::string_view failure_code(const record& row) {
  std::string_view why = row.result.error;
  auto says = [why](std::string_view part) {
    return why.find(part) != std::string_view::npos;
  };
  if (row.state == record_state::failed) {
    if (says("deaths of the daemon"))
      return "quarantined_deaths";
    if (says("did not answer within"))
      return "failed_deadline";
    if (says("provisioner died"))
      return "failed_crashed";
    return "failed";
  }
  if (says("not enough capacity"))
    return "rejected_no_capacity";
  if (says("does not offer"))
    return "rejected_type_not_offered";
  if (says("expired"))
    return "rejected_expired";
  return "rejected_invalid";
}

void explain_failure(explanation& told, const explain_facts& facts) {
  auto& row = *facts.history.row;
  bool failed = row.state == record_state::failed;
  told.code = failure_code(row);
  told.summary = row.type.name + " " + row.id
                 + (failed ? " failed: " : " was rejected: ")
                 + row.result.error;
  told.next.push_back("it is not tried again: its owner has the error as the "
                      "signed result and can ask anew");
  if (told.code == "rejected_no_capacity")
    told.next.push_back("`provisionctl capacity` shows what is free; the owner "
                        "can ask for less");
  if (told.code == "rejected_type_not_offered")
    told.next.push_back("`provisionctl types` shows what the node offers");
  if (told.code == "failed_deadline" || told.code == "failed_crashed")
    told.next.push_back("the provisioner was replaced; other reservations went "
                        "on");
}

std::string queue_text(std::size_t ahead) {
  return ahead == 0 ? "it is the next in the queue"
                    : std::to_string(ahead) + " before it in the queue";
}

void explain_pending(explanation& told, const explain_facts& facts) {
  auto& row = *facts.history.row;
  auto& place = facts.place;
  bool removing = row.state == record_state::removing;
  auto name = row.type.name + " " + row.id;
  std::string work = removing ? "removal" : "provisioning";
  std::string prefix = removing ? "removal" : "pending";
  switch (place.where) {
  case work_place::at::queue:
    told.code = prefix + "_queued";
    told.summary
      = name + " waits for its " + work + ": " + queue_text(place.ahead);
    if (!facts.engine.in_flight.empty())
      told.next.push_back(
        "reservations go one at a time; " + facts.engine.in_flight
        + " is at work since "
        + span_text(difference(facts.now, facts.engine.in_flight_since)));
    break;
  case work_place::at::provisioner:
    told.code = prefix + "_at_provisioner";
    told.summary = name + " is at its provisioner since "
                   + span_text(difference(facts.now, place.since));
    told.next.push_back(
      "if it does not answer " + moment(place.deadline, facts.now)
      + " the provisioner is replaced and the " + work + " counts as failed");
    break;
  case work_place::at::settling:
    told.code = prefix + "_settling";
    told.summary
      = name + ": its " + work + " is over, and the outcome is being written";
    break;
  case work_place::at::retry_pause:
    told.code = "removal_waits";
    told.summary = "the removal of " + name + " failed in "
                   + tries(place.failures) + ": " + place.last_failure.message;
    told.next.push_back("it is tried again " + moment(place.next_try, facts.now)
                        + (row.cause == removal_cause::refused
                             ? "; it holds no capacity and holds up nobody"
                             : "; it keeps its capacity and holds up nobody"));
    break;
  case work_place::at::waiting:
    told.code = prefix + "_waits";
    told.summary = name + " waits for its " + work + " since "
                   + span_text(difference(facts.now, place.since)) + ": "
                   + place.reason;
    told.next.push_back("others pass it; it comes back at its old place");
    add_way_out(told, facts);
    break;
  case work_place::at::nowhere:
    told.code = prefix + "_unscheduled";
    told.summary = name + " is accepted; the engine takes it up "
                   + (facts.engine.phase == "starting" ? "once it has started"
                                                       : "at its next start");
    break;
  }
  if (row.deaths > 0)
    told.next.push_back("the daemon died " + std::to_string(row.deaths)
                        + " times in a row while it was at its provisioner");
  if (removing)
    told.next.push_back("cause of the removal: "
                        + std::string{to_string(row.cause)}
                        + (row.reason.empty() ? "" : " (" + row.reason + ")"));
}

void explain_gone(explanation& told, const explain_facts& facts) {
  auto& grave = *facts.history.grave;
  auto at = json::format_rfc3339({grave.gone_at.seconds, 0});
  if (!grave.migrated_to.empty()) {
    told.code = "migrated";
    told.summary = "reservation " + grave.id + " was replaced by "
                   + grave.migrated_to + " at " + at;
    told.next.push_back("the workload runs on as " + grave.migrated_to);
    return;
  }
  told.code = "gone";
  told.summary = "reservation " + grave.id + " is gone since " + at;
  for (auto& line : facts.history.lines)
    if (line.event == "removing" && !line.text.empty())
      told.summary += ": " + line.text;
  told.next.push_back("version " + std::to_string(grave.version)
                      + " of it never comes back; its owner can ask for a new "
                        "one");
}

void explain_set_aside(explanation& told, const explain_facts& facts) {
  auto& aside = *facts.history.set_aside;
  told.code = "quarantined_" + std::string{to_string(aside.reason.code)};
  told.summary = "reservation " + facts.history.id
                 + " was set aside: " + aside.reason.message;
  if (aside.reason.code == errc::wrong_node)
    told.next.push_back("it is another node's; nobody is owed an answer");
  else if (aside.reason.code == errc::storage_corrupt)
    told.next.push_back("stop the node and run `provisiond fsck`");
  else
    told.next.push_back("no provisioner saw it; the sender must mend it and "
                        "send it again");
}

} // namespace

std::string span_text(std::chrono::nanoseconds span) {
  auto all = std::chrono::duration_cast<std::chrono::seconds>(span).count();
  constexpr std::int64_t minute = 60;
  constexpr std::int64_t hour = 60 * minute;
  constexpr std::int64_t day = 24 * hour;
  auto two = [](std::int64_t big, const char* unit, std::int64_t small,
                const char* unit_below) {
    auto text = std::to_string(big) + unit;
    return small == 0 ? text : text + " " + std::to_string(small) + unit_below;
  };
  if (all < minute)
    return std::to_string(all) + "s";
  if (all < hour)
    return two(all / minute, "m", all % minute, "s");
  if (all < day)
    return two(all / hour, "h", all % hour / minute, "m");
  return two(all / day, "d", all % day / hour, "h");
}

explanation explain(const explain_facts& facts) {
  explanation told;
  auto& history = facts.history;
  told.steps = steps_of(history);
  if (history.row && is_pending(history.row->state)) {
    explain_pending(told, facts);
    add_engine(told, facts);
  } else if (history.row && history.row->state == record_state::provisioned) {
    explain_running(told, facts);
    add_engine(told, facts);
  } else if (history.row) {
    explain_failure(told, facts);
  } else if (history.set_aside) {
    explain_set_aside(told, facts);
  } else if (history.grave) {
    explain_gone(told, facts);
  }
  add_reports(told, facts);
  return told;
}

} // namespace provision
