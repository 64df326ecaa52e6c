#include "config/key_table.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <type_traits>
#include <utility>

namespace provision::config {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kib = 1ULL << 10U;
constexpr std::uint64_t mib = 1ULL << 20U;
constexpr std::uint64_t gib = 1ULL << 30U;
/// 1024 TiB in GiB: more than a host has, far from overflow.
constexpr std::uint64_t gib_max = 1ULL << 20U;

/// Form's value -> member's type, which may be narrower or coarser. Every
/// form's limits fit the member they are used with.
template <class Member, class Value>
Member to_member(const Value& value) {
  if constexpr (std::is_same_v<Member, std::chrono::seconds>)
    return std::chrono::duration_cast<std::chrono::seconds>(value);
  else
    return static_cast<Member>(value);
}

/// A row for `settings.*section.*member`, written as `form` says.
template <class Section, class Member, class Form>
key_row row(std::string_view key, Section node_config::*section,
            Member Section::*member, Form form, std::string_view text) {
  using value_type = typename Form::value_type;
  auto current = [=](const node_config& settings) {
    return static_cast<value_type>(settings.*section.*member);
  };
  return {
    .key = key,
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
        // Checked before it is narrowed to the member.
        auto complaint = form.complaint(*value);
        if (complaint.empty())
          settings.*section.*member = to_member<Member>(*value);
        return complaint;
      },
    .complaint =
      [=](const node_config& settings) {
        return form.complaint(current(settings));
      },
  };
}

choice_form<signature_policy> policies() {
  return {{{signature_policy::enforce, "enforce"},
           {signature_policy::warn, "warn"},
           {signature_policy::off, "off"}}};
}

using path_rule = text_form::rule;

void add_node_rows(std::vector<key_row>& rows) {
  constexpr auto section = &node_config::node;
  using settings = node_settings;
  rows.push_back(row("node.data_dir", section, &settings::data_dir,
                     text_form{path_rule::absolute_path},
                     "Folder of everything the node keeps: store, key, "
                     "volumes."));
  rows.push_back(row("node.identity_file", section, &settings::identity_file,
                     text_form{path_rule::absolute_path_or_empty},
                     "File with the node's key. Empty: identity.key in the "
                     "data folder."));
}

void add_explorer_rows(std::vector<key_row>& rows) {
  constexpr auto section = &node_config::explorer;
  using settings = explorer_settings;
  rows.push_back(row("explorer.url", section, &settings::url,
                     text_form{path_rule::url},
                     "Base URL of the explorer. Empty: no explorer, only "
                     "other sources."));
  rows.push_back(row("explorer.poll_interval", section,
                     &settings::poll_interval, duration_form{10ms, 24h},
                     "From the start of a poll to the start of the next when "
                     "nothing is new."));
  rows.push_back(row("explorer.request_timeout", section,
                     &settings::request_timeout, duration_form{10ms, 1h},
                     "Deadline of one request, from sending to the last byte "
                     "of the answer."));
  rows.push_back(row("explorer.connections", section, &settings::connections,
                     count_form{1, 1024}, "Connections that are kept open."));
  rows.push_back(
    row("explorer.response_bytes_max", section, &settings::response_bytes_max,
        size_form{64 * kib, 1024 * mib}, "Largest answer that is accepted."));
  rows.push_back(row("explorer.reports_in_flight", section,
                     &settings::reports_in_flight, count_form{1, 4096},
                     "Results on their way to the explorer at once."));
  rows.push_back(row("explorer.retry_delay", section, &settings::retry_delay,
                     duration_form{1ms, 1h},
                     "First pause between two tries while the explorer is "
                     "away; it grows from there."));
  rows.push_back(row("explorer.retry_delay_max", section,
                     &settings::retry_delay_max, duration_form{1ms, 24h},
                     "Longest pause between two tries while the explorer is "
                     "away."));
  rows.push_back(row("explorer.reconcile_interval", section,
                     &settings::reconcile_interval,
                     duration_form{0s, 8760h, 1s},
                     "Asks for the whole history again this often. 0s: only "
                     "on demand."));
  rows.push_back(row("explorer.signatures", section, &settings::signatures,
                     policies(),
                     "What happens to a document whose customer signature "
                     "does not match: quarantined, logged and taken, or not "
                     "looked at. Documents of the original explorer cannot "
                     "match, because it changes them after they are signed."));
  rows.push_back(row("explorer.ca_file", section, &settings::ca_file,
                     text_form{path_rule::absolute_path_or_empty},
                     "CA bundle for https. Empty: the system's."));
}

void add_replay_rows(std::vector<key_row>& rows) {
  constexpr auto section = &node_config::replay;
  using settings = replay_settings;
  rows.push_back(row("replay.file", section, &settings::file,
                     text_form{path_rule::input_file},
                     "File with one reservation per line as JSON; \"-\" is "
                     "standard input. Empty: none."));
  rows.push_back(
    row("replay.signatures", section, &settings::signatures, policies(),
        "As explorer.signatures, for replayed reservations and for "
        "what provisionctl submit hands over."));
}

void add_record_rows(std::vector<key_row>& rows) {
  rows.push_back(row("record.file", &node_config::record,
                     &record_settings::file,
                     text_form{path_rule::absolute_path_or_empty},
                     "File that gets what the node receives and answers, to "
                     "be replayed elsewhere; empty: none."));
}

void add_capacity_rows(std::vector<key_row>& rows) {
  constexpr auto section = &node_config::capacity;
  using settings = capacity_settings;
  constexpr size_form whole_gib{0, gib_max, gib};
  rows.push_back(row("capacity.cru", section, &settings::cru,
                     count_form{0, 1U << 20U},
                     "Virtual CPUs that the node lends out. 0: what the host "
                     "has."));
  rows.push_back(
    row("capacity.mru", section, &settings::mru, whole_gib,
        "Memory that the node lends out. 0GiB: what the host has."));
  rows.push_back(
    row("capacity.hru", section, &settings::hru, whole_gib,
        "Rotating disk that the node lends out. 0GiB: what the host "
        "has."));
  rows.push_back(row("capacity.sru", section, &settings::sru, whole_gib,
                     "Solid-state disk that the node lends out. 0GiB: what the "
                     "host has."));
  rows.push_back(row("capacity.reserved_memory", section,
                     &settings::reserved_memory, whole_gib,
                     "Memory that is kept for the system."));
}

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

void add_volume_rows(std::vector<key_row>& rows) {
  constexpr auto section = &node_config::volumes;
  using settings = volume_settings;
  const choice_form<std::string> techniques{{{"auto", "auto"},
                                             {"btrfs", "btrfs"},
                                             {"ext4-image", "ext4-image"},
                                             {"directory", "directory"}}};
  rows.push_back(row("volumes.technique", section, &settings::technique,
                     techniques,
                     "How volumes are made: btrfs subvolumes with quota, one "
                     "ext4 image per volume, or plain folders without an "
                     "enforced limit. auto: the best that the host allows."));
  rows.push_back(row("volumes.pool", section, &settings::pool,
                     text_form{path_rule::absolute_path_or_empty},
                     "Folder of the pool. Empty: volumes in the data "
                     "folder."));
  rows.push_back(row("volumes.pool_image_size", section,
                     &settings::pool_image_size, size_form{0, gib_max, gib},
                     "Size of the pool image that btrfs makes when the folder "
                     "is not on btrfs already. 0GiB: what fits half the free "
                     "space."));
}

void add_api_rows(std::vector<key_row>& rows) {
  constexpr auto section = &node_config::api;
  using settings = api_settings;
  rows.push_back(row("api.socket", section, &settings::socket,
                     text_form{path_rule::absolute_path_or_empty},
                     "Unix socket of the local API, where provisionctl asks. "
                     "Empty: api.sock in the data folder."));
  rows.push_back(row("api.reader_group", section, &settings::reader_group,
                     text_form{path_rule::group_name},
                     "Members of this group may ask the node. Empty: only "
                     "root and the daemon's own user."));
  rows.push_back(row("api.admin_group", section, &settings::admin_group,
                     text_form{path_rule::group_name},
                     "Members of this group may also give orders. Empty: only "
                     "root and the daemon's own user."));
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

void add_metrics_rows(std::vector<key_row>& rows) {
  constexpr auto section = &node_config::metrics;
  using settings = metrics_settings;
  rows.push_back(row("metrics.listen", section, &settings::listen,
                     text_form{path_rule::listen_address},
                     "Where health and metrics are served over TCP, to be "
                     "read only, like 127.0.0.1:9464. Empty: only at the "
                     "local API's socket."));
  rows.push_back(
    row("metrics.reach", section, &settings::reach,
        choice_form<metrics_reach>{{{metrics_reach::loopback, "loopback"},
                                    {metrics_reach::anywhere, "anywhere"}}},
        "\"loopback\" refuses a metrics.listen that other hosts "
        "can reach: whoever can, may read it."));
}

void add_dashboard_rows(std::vector<key_row>& rows) {
  constexpr auto section = &node_config::dashboard;
  using settings = dashboard_settings;
  rows.push_back(row("dashboard.listen", section, &settings::listen,
                     text_form{path_rule::listen_address},
                     "Loopback address where browsers find the dashboard, like "
                     "127.0.0.1:9465. Every user of this host may read there "
                     "what members of api.reader_group may. Empty: only at "
                     "the local API's socket."));
  rows.push_back(row("dashboard.host", section, &settings::host,
                     text_form{path_rule::name_or_empty},
                     "A further name by which browsers may call this node, for "
                     "instance a proxy's. Under any other name than that and "
                     "those of the loopback they are refused."));
}

void add_network_rows(std::vector<key_row>& rows) {
  constexpr auto section = &node_config::networks;
  rows.push_back(row("networks.underlay", section, &network_settings::underlay,
                     text_form{path_rule::name_or_empty},
                     "Network namespace, as ip netns names it, whose addresses "
                     "the tunnels between nodes use. Empty: the daemon's "
                     "own."));
}

void add_public_rows(std::vector<key_row>& rows) {
  constexpr auto section = &node_config::public_addresses;
  using settings = public_settings;
  rows.push_back(row("public.bridge", section, &settings::bridge,
                     text_form{path_rule::name_or_empty},
                     "Bridge of this host, in networks.underlay, of which the "
                     "uplink to the public network is a port. Empty: this node "
                     "has no public addresses for machines."));
  rows.push_back(row("public.gateway", section, &settings::gateway,
                     text_form{path_rule::ipv4_address},
                     "IPv4 address by which machines leave the public "
                     "network."));
  rows.push_back(row("public.ipv6_network", section, &settings::ipv6_network,
                     text_form{path_rule::ipv6_network},
                     "Network whose IPv6 addresses machines may use. Empty: "
                     "any; the last 64 bits are those of their card in either "
                     "case."));
}

void add_janitor_rows(std::vector<key_row>& rows) {
  constexpr auto section = &node_config::janitor;
  using settings = janitor_settings;
  rows.push_back(row("janitor.interval", section, &settings::interval,
                     duration_form{1s, 24h, 1s},
                     "How often the host is searched for what no reservation "
                     "wants."));
  rows.push_back(row("janitor.quarantine", section, &settings::quarantine,
                     duration_form{0s, 8760h, 1s},
                     "How long an orphan must have been seen by this process "
                     "before it is removed."));
  rows.push_back(row("janitor.remove", section, &settings::remove,
                     choice_form<bool>{{{false, "off"}, {true, "on"}}},
                     "Whether orphans are removed by themselves: only those "
                     "whose reservation was deleted by an order or is over. "
                     "off: they are reported."));
}

void add_container_rows(std::vector<key_row>& rows) {
  rows.push_back(row("containers.image_folder", &node_config::containers,
                     &container_settings::image_folder,
                     text_form{path_rule::absolute_path_or_empty},
                     "Folder of the operator's own images, which reservations "
                     "name as oci:<name>:<tag>, oci-archive:<file> or "
                     "docker-archive:<file>. Empty: images/own in the data "
                     "folder."));
}

void add_machine_rows(std::vector<key_row>& rows) {
  rows.push_back(row("machines.image_folder", &node_config::machines,
                     &machine_settings::image_folder,
                     text_form{path_rule::absolute_path_or_empty},
                     "Folder of the image that machines of type kubernetes "
                     "boot: kernel, and if they are there initrd, disk and "
                     "command_line. Empty: this node runs no machines."));
}

void add_provisioner_rows(std::vector<key_row>& rows) {
  rows.push_back(row("provisioners.isolate", &node_config::provisioners,
                     &provisioner_settings::isolate, words_form{{"volume"}},
                     "Types whose provisioner runs in a worker process of its "
                     "own: if it crashes or hangs there, it takes down the "
                     "workload at hand and nothing else, and is killed at its "
                     "deadline."));
}

void add_log_rows(std::vector<key_row>& rows) {
  constexpr auto section = &node_config::log;
  using settings = log_settings;
  rows.push_back(row("log.level", section, &settings::level,
                     choice_form<log_level>{{{log_level::debug, "debug"},
                                             {log_level::info, "info"},
                                             {log_level::warning, "warning"},
                                             {log_level::error, "error"},
                                             {log_level::off, "off"}}},
                     "Lines of this severity and above are written."));
  rows.push_back(row("log.format", section, &settings::format,
                     choice_form<log_format>{{{log_format::text, "text"},
                                              {log_format::json, "json"}}},
                     "Lines for people, or one JSON object per line."));
  // Whoever reads the log may want more or less of it at once.
  for (auto i = rows.end() - 2; i != rows.end(); ++i)
    i->is_live = true;
}

} // namespace

const std::vector<key_row>& key_table() {
  static const auto rows = [] {
    std::vector<key_row> all;
    for (auto add :
         {add_node_rows,      add_explorer_rows,    add_replay_rows,
          add_record_rows,    add_capacity_rows,    add_engine_rows,
          add_brake_rows,     add_supervision_rows, add_deadline_rows,
          add_clock_rows,     add_journal_rows,     add_volume_rows,
          add_network_rows,   add_public_rows,      add_janitor_rows,
          add_container_rows, add_machine_rows,     add_provisioner_rows,
          add_api_rows,       add_metrics_rows,     add_dashboard_rows,
          add_log_rows})
      add(all);
    return all;
  }();
  return rows;
}

std::string_view section_of(std::string_view key) {
  return key.substr(0, key.find('.'));
}

std::string_view name_of(std::string_view key) {
  return key.substr(key.find('.') + 1);
}

} // namespace provision::config
