#include "config/key_row_of.hpp"
#include "config/key_rows.hpp"

namespace provision::config {

namespace {

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
  rows.push_back(row("explorer.quick_answer", section, &settings::quick_answer,
                     duration_form{0ms, 10s},
                     "An explorer that answers within this time gets several "
                     "results at a time over one connection (HTTP "
                     "pipelining). 0s: none does, as for one behind a proxy "
                     "that cannot pass that on."));
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

} // namespace

void add_node_key_rows(std::vector<key_row>& rows) {
  for (auto add : {add_node_rows, add_explorer_rows, add_replay_rows,
                   add_record_rows, add_capacity_rows})
    add(rows);
}

} // namespace provision::config
