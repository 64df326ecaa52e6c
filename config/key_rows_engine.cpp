#include <deque>
#include <string>

#include "config/key_row_of.hpp"
#include "config/key_rows.hpp"

namespace provision::config {

namespace {

void add_engine_rows(std::vector<key_row>& rows) {
  constexpr auto section = &node_config::engine;
  using settings = engine_settings;
  rows.push_back(row("engine.queue_max", section, &settings::queue_max,
                     count_form{1, 1U << 20U},
                     "Reservations on their way in memory; a source waits "
                     "when there are more."));
  rows.push_back(row("engine.provision_timeout", section,
                     &settings::provision_timeout, duration_form{10ms, 24h},
                     "Deadline of one provision or decommission call of a "
                     "type that has none of its own in [deadlines]."));
  rows.push_back(row("engine.group_max", section, &settings::group_max,
                     count_form{1, 65536},
                     "Outcomes that may share one sync of the store."));
  rows.push_back(row("engine.removal_retry_delay", section,
                     &settings::removal_retry_delay, duration_form{1ms, 1h},
                     "First pause before a failed removal is tried again; it "
                     "grows from there."));
  rows.push_back(row("engine.removal_retry_delay_max", section,
                     &settings::removal_retry_delay_max,
                     duration_form{1ms, 24h},
                     "Longest pause before a failed removal is tried again."));
  rows.push_back(row("engine.deaths_max", section, &settings::deaths_max,
                     count_form{1, 1000},
                     "A reservation that was in flight at this many "
                     "consecutive deaths of the daemon is quarantined."));
  rows.push_back(row("engine.retries_max", section, &settings::retries_max,
                     count_form{0, 1000},
                     "A reservation that meets errors which may pass is tried "
                     "this often again before it fails."));
  rows.push_back(row("engine.retry_delay", section, &settings::retry_delay,
                     duration_form{1ms, 1h},
                     "First pause before such a reservation is tried again; "
                     "it grows from there."));
  rows.push_back(row("engine.retry_delay_max", section,
                     &settings::retry_delay_max, duration_form{1ms, 24h},
                     "Longest pause before such a reservation is tried "
                     "again."));
}

void add_brake_rows(std::vector<key_row>& rows) {
  constexpr auto section = &node_config::engine;
  using settings = engine_settings;
  rows.push_back(row("engine.deletions_max", section, &settings::deletions_max,
                     count_form{0, 1U << 20U},
                     "More ordered deletions than this within "
                     "deletions_window wait until an operator confirms them. "
                     "0: never."));
  rows.push_back(row("engine.deletions_share", section,
                     &settings::deletions_share, count_form{0, 100},
                     "The same for more than this percentage of the workloads "
                     "that the node runs. 0: never."));
  rows.push_back(row("engine.deletions_free", section,
                     &settings::deletions_free, count_form{0, 1U << 20U},
                     "So many deletions within deletions_window are let "
                     "through whatever their share."));
  rows.push_back(row("engine.deletions_window", section,
                     &settings::deletions_window, duration_form{1s, 24h},
                     "See deletions_max and deletions_share."));
}

void add_supervision_rows(std::vector<key_row>& rows) {
  constexpr auto section = &node_config::engine;
  using settings = engine_settings;
  rows.push_back(row("supervision.probe_delay", section, &settings::probe_delay,
                     duration_form{1ms, 1h},
                     "Pause before the second probe of a type that does not "
                     "serve; it doubles from there. The first comes at once."));
  rows.push_back(row("supervision.probe_delay_max", section,
                     &settings::probe_delay_max, duration_form{1ms, 24h},
                     "Longest pause between two probes."));
  rows.push_back(row("supervision.restarts_max", section,
                     &settings::restarts_max, count_form{1, 1000},
                     "A type's provisioner is replaced this often within "
                     "restart_window at most; then its reservations wait."));
  rows.push_back(row("supervision.restart_window", section,
                     &settings::restart_window, duration_form{10ms, 24h},
                     "See restarts_max."));
  rows.push_back(row("supervision.infrastructure_errors_max", section,
                     &settings::infrastructure_errors_max, count_form{1, 1000},
                     "So many reservations of a type in a row that meet "
                     "infrastructure errors suspend the type: the others wait "
                     "until a probe succeeds."));
}

/// Keys outlive the table that refers to them.
std::string_view keep(std::string key) {
  static std::deque<std::string> kept;
  return kept.emplace_back(std::move(key));
}

/// A row for one deadline of one type.
key_row deadline_row(const std::string& type, std::string_view call,
                     std::chrono::milliseconds call_deadlines::*kind,
                     std::string_view text) {
  const duration_form form{0s, 24h};
  auto current = [=](const node_config& settings) {
    const auto& all = settings.engine.deadlines;
    const auto own = all.find(type);
    return own == all.end() ? 0ms : own->second.*kind;
  };
  return {
    .key = keep("deadlines." + type + "_" + std::string{call}),
    .text = text,
    .unit = std::string{form.unit()},
    .allowed = form.allowed(),
    .show
    = [=](
        const node_config& settings) { return form.write(current(settings)); },
    .set =
      [=](node_config& settings, const raw_value& raw) {
        const auto value = form.read(raw);
        if (!value)
          return value.error().message;
        auto complaint = form.complaint(*value);
        if (complaint.empty())
          settings.engine.deadlines[type].*kind = *value;
        return complaint;
      },
    .complaint =
      [=](const node_config& settings) {
        return form.complaint(current(settings));
      },
  };
}

void add_deadline_rows(std::vector<key_row>& rows) {
  rows.push_back(row("deadlines.probe", &node_config::engine,
                     &engine_settings::probe_timeout, duration_form{10ms, 1h},
                     "Deadline of a probe. It does no work: one that takes "
                     "this long hangs."));
  for (const auto* type : {"network", "network_resource", "zdb", "volume",
                           "container", "kubernetes", "public_ip"}) {
    rows.push_back(deadline_row(
      type, "provision", &call_deadlines::provision,
      "Deadline of one provision call of this type. 0s: as "
      "engine.provision_timeout. Longer by default where an image is "
      "downloaded."));
    rows.push_back(
      deadline_row(type, "decommission", &call_deadlines::decommission,
                   "Deadline of one decommission call of this type. 0s: as "
                   "engine.provision_timeout."));
  }
}

void add_clock_rows(std::vector<key_row>& rows) {
  constexpr auto section = &node_config::clock;
  using settings = clock_settings;
  rows.push_back(row("clock.jump_max", section, &settings::jump_max,
                     duration_form{1s, 24h},
                     "A wall clock further than this from where it should be "
                     "has jumped; nothing expires until it is confirmed, comes "
                     "back or has settled."));
  rows.push_back(row("clock.settling_time", section, &settings::settling_time,
                     duration_form{1s, 8760h},
                     "A clock that has jumped is believed again once it ran "
                     "evenly for this long."));
  rows.push_back(row("clock.offline_max", section, &settings::offline_max,
                     duration_form{1s, 87600h},
                     "A clock that is further than this ahead of the time seen "
                     "before the last stop has jumped."));
  rows.push_back(
    row("clock.explorer_date", section, &settings::explorer_date,
        choice_form<second_opinion>{
          {{second_opinion::heed, "heed"}, {second_opinion::off, "off"}}},
        "While the explorer's answers bear a date that differs by "
        "more than jump_max, nothing expires; once it agrees, a "
        "doubted clock is believed again."));
}

void add_journal_rows(std::vector<key_row>& rows) {
  constexpr auto section = &node_config::journal;
  using settings = journal_settings;
  rows.push_back(row("journal.rows_max", section, &settings::rows_max,
                     count_form{10, 10'000'000},
                     "Lines of the journal that are kept; the oldest are cut "
                     "off, and what remains can still be verified."));
  rows.push_back(row("journal.age_max", section, &settings::age_max,
                     duration_form{0s, 87600h, 1s},
                     "Lines that are older than the newest by more than this "
                     "are cut off too. 0: age does not matter."));
}

} // namespace

void add_engine_key_rows(std::vector<key_row>& rows) {
  for (auto add : {add_engine_rows, add_brake_rows, add_supervision_rows,
                   add_deadline_rows, add_clock_rows, add_journal_rows})
    add(rows);
}

} // namespace provision::config
