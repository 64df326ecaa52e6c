#include "control/node_metrics.hpp"

#include <limits>

#include "control/engine_metrics.hpp"
#include "control/metric_times.hpp"
#include "control/metrics_writer.hpp"

namespace provision {

namespace {

using metric_times::since;
using metric_times::unix_seconds;

void write_process(metrics_writer& out, const node_numbers& all) {
  auto& process = all.process;
  out
    .gauge("provisiond_build_info",
           "Always 1; what runs here, and under which identity.")
    .sample(true, {{"version", all.version}, {"node", all.node_id}});
  out
    .counter("process_cpu_seconds_total", "User and system time of the daemon.")
    .seconds(process.cpu);
  out
    .gauge("process_resident_memory_bytes",
           "Memory of the daemon that is in RAM.")
    .sample(process.resident_bytes);
  out.gauge("process_virtual_memory_bytes", "Address space of the daemon.")
    .sample(process.virtual_bytes);
  out.gauge("process_threads", "Threads of the daemon.")
    .sample(process.threads);
  out.gauge("process_open_fds", "Open files and sockets of the daemon.")
    .sample(process.open_files);
  out.gauge("process_max_fds", "How many it may have open.")
    .sample(process.files_max);
  out
    .gauge("process_start_time_seconds",
           "When the daemon started, in seconds since 1970.")
    .sample(unix_seconds(all.started_at));
}

void write_store(metrics_writer& out, const node_numbers& all) {
  auto& store = all.node.store;
  out
    .histogram("provisiond_store_sync_seconds",
               "How long writes take that are synced to the disk.")
    .sample(store.writes.synced);
  out
    .histogram("provisiond_store_write_seconds",
               "How long writes take that are not synced.")
    .sample(store.writes.plain);
  out.counter("provisiond_store_written_bytes_total", "Bytes of these writes.")
    .sample(store.writes.bytes);
  out
    .counter("provisiond_store_write_failures_total",
             "Writes that the disk refused.")
    .sample(store.writes.failures);
  out.gauge("provisiond_quarantine_records", "Inputs that are set aside.")
    .sample(store.rows.quarantined);
  out
    .gauge("provisiond_tombstones",
           "Reservations that are gone and remembered.")
    .sample(store.rows.tombstones);
}

void write_orphans(metrics_writer& out, const node_numbers& all) {
  auto& found = all.orphans;
  std::uint64_t may_go = 0;
  for (auto& one : found.orphans)
    may_go += one.may_go() ? 1 : 0;
  out.gauge("provisiond_orphans",
            "Things on the host that no reservation wants: those that an order "
            "or an end has made go, and others, which only an operator "
            "removes.");
  out.sample(may_go, {{"removal", "due"}});
  out.sample(found.orphans.size() - may_go, {{"removal", "manual"}});
  out
    .counter("provisiond_orphans_removed_total",
             "Of these removed, by the janitor or on an operator's order.")
    .sample(found.removed);
  out
    .counter("provisiond_orphan_removals_failed_total",
             "Removals of such things that failed.")
    .sample(found.removals_failed);
  out
    .gauge("provisiond_janitor_looked_seconds",
           "When host and records were last compared, in seconds since 1970; "
           "0: not yet.")
    .sample(unix_seconds(found.looked_at));
}

void write_recovery(metrics_writer& out, const node_numbers& all) {
  auto& store = all.node.store;
  out
    .gauge("provisiond_recovery_seconds",
           "How long the last start took to take up unfinished work; 0 while "
           "it does.")
    .seconds(all.times.recovery);
  out.gauge("provisiond_recovered_records",
            "Records found at the start: live ones, damaged ones that were "
            "set aside, and unfinished ones that were taken up again.");
  out.sample(store.live_at_start, {{"outcome", "live"}});
  out.sample(store.salvaged_at_start, {{"outcome", "salvaged"}});
  out.sample(all.times.taken_up, {{"outcome", "taken_up"}});
}

void write_capacity(metrics_writer& out, const capacity_status& capacity) {
  constexpr auto no_limit = std::numeric_limits<std::uint64_t>::max();
  out.gauge("provisiond_capacity_units",
            "What may be lent out, is used, and the system takes on top; cru "
            "are processors, the others bytes; +Inf: no limit.");
  auto add = [&out](const resources& amounts, std::string_view kind) {
    for (auto [unit, amount] :
         {std::pair{"cru", amounts.cru}, std::pair{"mru", amounts.mru},
          std::pair{"hru", amounts.hru}, std::pair{"sru", amounts.sru}}) {
      if (amount == no_limit)
        out.sample(std::numeric_limits<double>::infinity(),
                   {{"unit", unit}, {"kind", kind}});
      else
        out.sample(amount, {{"unit", unit}, {"kind", kind}});
    }
  };
  add(capacity.capacity, "total");
  add(capacity.used, "used");
  add(capacity.overhead, "reserved");
  out.gauge("provisiond_workloads", "Workloads that hold capacity.");
  for (auto& [type, count] : capacity.workloads)
    out.sample(count, {{"type", type}});
}

void write_usage(metrics_writer& out, const usage_totals& usage) {
  out.gauge("provisiond_usage_bytes",
            "What all workloads of the type use, as the host tells. Measured "
            "after a scrape, every five minutes at most; shown by later "
            "ones.");
  for (auto& [type, sum] : usage.types) {
    out.sample(sum.disk_bytes, {{"type", type}, {"resource", "disk"}});
    out.sample(sum.memory_bytes, {{"type", type}, {"resource", "memory"}});
  }
  out.gauge("provisiond_usage_workloads",
            "Workloads in these sums, and those that could not be measured.");
  for (auto& [type, sum] : usage.types) {
    out.sample(sum.failed, {{"type", type}, {"outcome", "failed"}});
    out.sample(sum.measured, {{"type", type}, {"outcome", "measured"}});
  }
  out
    .gauge("provisiond_usage_measured_seconds",
           "When the last of them was measured, in seconds since 1970; 0: not "
           "yet.")
    .sample(unix_seconds(usage.measured_at));
}

void write_reports(metrics_writer& out, const node_numbers& all) {
  auto& reports = all.node.reports;
  auto& rows = all.node.store.rows;
  out.gauge("provisiond_outbox_depth", "Reports that are owed to the explorer.")
    .sample(rows.outbox_rows);
  out
    .gauge("provisiond_outbox_oldest_seconds",
           "How long the oldest of them waits, since this start at most; 0 if "
           "none does.")
    .seconds(reports.oldest);
  out
    .gauge("provisiond_outbox_parked",
           "Reports that the explorer refused for good and that are kept.")
    .sample(rows.parked_rows);
  out.gauge("provisiond_reports_in_flight", "Reports on their way now.")
    .sample(reports.in_flight);
  out
    .counter("provisiond_reports_delivered_total",
             "Reports that the explorer accepted.")
    .sample(reports.delivered);
  out
    .counter("provisiond_reports_parked_total",
             "Reports that it refused for good.")
    .sample(reports.parked);
  out
    .counter("provisiond_report_failures_total",
             "Answers to reports that were no acceptance.")
    .sample(reports.failures);
  out
    .histogram("provisiond_deliver_duration_seconds",
               "From a report's first try to its acceptance.")
    .sample(reports.deliveries);
}

void write_explorer(metrics_writer& out, const node_numbers& all) {
  auto& away_since = all.node.reports.away_since;
  static const poll_numbers none;
  auto& polls = all.polls ? *all.polls : none;
  bool is_polled = all.polls && polls.polls > 0;
  out
    .gauge("provisiond_controller_up",
           "1 if the explorer answered last, to a poll and to a report; 0 "
           "also if it was never asked.")
    .sample(is_polled && polls.is_answered && away_since.is_zero());
  out
    .gauge("provisiond_controller_away_seconds",
           "Since when the explorer takes no reports; 0 if it does.")
    .seconds(since(away_since, all.now));
  out.counter("provisiond_polls_total", "Polls that were answered or failed.")
    .sample(polls.polls.load());
  out.counter("provisiond_poll_failures_total", "Polls that failed.")
    .sample(polls.failures.load());
  out.counter("provisiond_poll_documents_total", "Documents in the answers.")
    .sample(polls.documents.load());
  out
    .counter("provisiond_poll_wait_seconds_total",
             "Time spent on waiting for the answers.")
    .seconds(std::chrono::nanoseconds{polls.waited.load()});
  out
    .gauge("provisiond_poll_last_success_timestamp_seconds",
           "When the last good answer came, in seconds since 1970; 0 if none "
           "did.")
    .sample(static_cast<double>(polls.last_success.load()));
}

void write_api(metrics_writer& out, const node_numbers& all) {
  out.counter("provisiond_api_requests_total",
              "Requests to the local API and to this page, by route.");
  for (auto& [path, count] : all.requests)
    out.sample(count, {{"path", path}});
  out
    .counter("provisiond_api_requests_refused_total",
             "Requests that fit no route, or that the sender may not make.")
    .sample(all.requests_refused);
  out.gauge("provisiond_api_followers", "Who follows the events now.")
    .sample(all.followers);
}

} // namespace

std::string metrics_text(const node_numbers& numbers) {
  metrics_writer out;
  write_process(out, numbers);
  write_engine_metrics(out, numbers);
  write_store(out, numbers);
  write_orphans(out, numbers);
  write_recovery(out, numbers);
  write_capacity(out, numbers.node.capacity);
  write_usage(out, numbers.usage);
  write_reports(out, numbers);
  write_explorer(out, numbers);
  write_api(out, numbers);
  return out.text();
}

} // namespace provision
