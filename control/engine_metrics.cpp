#include "control/engine_metrics.hpp"

#include "control/metric_times.hpp"

namespace provision {

namespace {

using metric_times::since;
using metric_times::unix_seconds;

void write_phase(metrics_writer& out, const node_numbers& all) {
  auto& engine = all.node.engine;
  out.gauge("provisiond_engine_phase",
            "1 for the phase that the engine is in.");
  for (auto* phase : {"starting", "running", "stopping"})
    out.sample(engine.phase == phase, {{"phase", phase}});
  out
    .gauge("provisiond_intake_paused",
           "1 while intake pauses because the store or the key fails.")
    .sample(static_cast<bool>(engine.paused));
  out.gauge("provisiond_intake_held", "1 while an operator has paused intake.")
    .sample(engine.intake_held);
  out
    .gauge("provisiond_node_cordoned",
           "1 while an operator has cordoned the whole node.")
    .sample(engine.cordoned);
  out
    .gauge("provisiond_clock_trusted",
           "0 while the wall clock is doubted and nothing expires.")
    .sample(!engine.clock_distrust);
  out
    .gauge("provisiond_deletions_held",
           "Deletions that wait for an operator because there were too many.")
    .sample(std::uint64_t{engine.deletions_held});
  out
    .gauge("provisiond_history_end",
           "1 once all that the sources held at the start is worked through.")
    .sample(engine.history_end);
}

void write_queues(metrics_writer& out, const node_numbers& all) {
  auto& engine = all.node.engine;
  out.gauge("provisiond_queue_depth",
            "Reservations in the engine's hands: ready for their turn, at a "
            "provisioner, on their way to the disk, or waiting.");
  out.sample(std::uint64_t{engine.queue}, {{"state", "ready"}});
  out.sample(!engine.in_flight.empty(), {{"state", "in_flight"}});
  out.sample(std::uint64_t{engine.unsettled}, {{"state", "settling"}});
  out.sample(std::uint64_t{engine.waiting}, {{"state", "waiting"}});
  out
    .gauge("provisiond_in_flight_seconds",
           "How long the call in flight takes by now; 0 if there is none.")
    .seconds(since(engine.in_flight_since, all.now));
}

void write_done(metrics_writer& out, const node_numbers& all) {
  auto& engine = all.node.engine;
  out.counter("provisiond_provisioned_total", "Workloads made.")
    .sample(engine.provisioned);
  out
    .counter("provisiond_provision_failed_total",
             "Workloads that could not be made, for good.")
    .sample(engine.failed);
  out
    .counter("provisiond_provision_rejected_total",
             "Reservations that the node itself refused, not a provisioner.")
    .sample(engine.rejected);
  out.counter("provisiond_removed_total", "Workloads taken down.")
    .sample(engine.removed);
  out
    .counter("provisiond_provision_retried_total",
             "Tries that failed and are repeated.")
    .sample(engine.retried);
  out
    .counter("provisiond_intake_known_total",
             "Documents that were known already and needed nothing.")
    .sample(engine.known);
  out
    .counter("provisiond_intake_refused_total",
             "Documents that were set aside: malformed, unsigned, not ours.")
    .sample(engine.refused);
  out
    .counter("provisiond_intake_pages_total",
             "Pages, or parts of them, made durable.")
    .sample(all.times.pages);
  out.counter("provisiond_intake_documents_total", "Documents in them.")
    .sample(all.times.documents);
  out.counter("provisiond_outcomes_total", "Outcomes made durable.")
    .sample(all.times.outcomes);
}

void write_stages(metrics_writer& out, const engine_numbers& times) {
  out
    .histogram("provisiond_accept_duration_seconds",
               "How long a page takes to become durable.")
    .sample(times.accept);
  out.histogram("provisiond_queue_wait_seconds",
                "From durable intent to the provisioner, for what did not "
                "have to wait for its type, a pause or an operator.");
  for (auto& [type, one] : times.types)
    out.sample(one.queued, {{"type", type.name}});
  out.histogram("provisiond_provision_duration_seconds",
                "How long a provisioner takes to make a workload.");
  for (auto& [type, one] : times.types) {
    out.sample(one.provisioned, {{"type", type.name}, {"outcome", "ok"}});
    out.sample(one.provision_failed,
               {{"type", type.name}, {"outcome", "error"}});
  }
  out.histogram("provisiond_decommission_duration_seconds",
                "How long a provisioner takes to take a workload down.");
  for (auto& [type, one] : times.types) {
    out.sample(one.decommissioned, {{"type", type.name}, {"outcome", "ok"}});
    out.sample(one.decommission_failed,
               {{"type", type.name}, {"outcome", "error"}});
  }
  out
    .histogram("provisiond_sign_duration_seconds",
               "How long the results of one group take to be signed.")
    .sample(times.sign);
  out
    .histogram("provisiond_settle_duration_seconds",
               "How long one group of outcomes takes to become durable.")
    .sample(times.settle);
  out.histogram("provisiond_provision_sli_duration_seconds",
                "From durable intent to durable outcome, for what did not "
                "have to wait for its type, a pause or an operator.");
  for (auto& [type, one] : times.types)
    out.sample(one.whole, {{"type", type.name}});
}

void write_expiry(metrics_writer& out, const node_numbers& all) {
  out
    .histogram("provisiond_expiry_lag_seconds",
               "From a workload's deadline to the end of its removal.")
    .sample(all.times.expiry_lag);
  auto next = all.node.store.next_deadline.value_or(timestamp{});
  out
    .gauge("provisiond_expiry_overdue_seconds",
           "How long the next workload to expire is overdue; 0 if it is not.")
    .seconds(since(next, all.now));
  out
    .gauge("provisiond_expiry_next_timestamp_seconds",
           "When the next workload expires, in seconds since 1970; 0 if none "
           "does.")
    .sample(next == end_of_time ? 0.0 : unix_seconds(next));
}

void write_type_states(metrics_writer& out,
                       const std::vector<type_status>& types) {
  out.gauge("provisiond_type_health",
            "1 for the state of the type's circuit: serving, degraded (its "
            "provisioner hung or died) or suspended (what it needs fails).");
  for (auto& one : types)
    for (auto health :
         {type_health::serving, type_health::degraded, type_health::suspended})
      out.sample(one.health == health,
                 {{"type", one.type.name}, {"health", to_string(health)}});
  out.gauge("provisiond_type_degraded",
            "1 while the type is degraded or suspended.");
  for (auto& one : types)
    out.sample(one.health != type_health::serving, {{"type", one.type.name}});
  out.gauge("provisiond_type_cordoned",
            "1 while an operator has cordoned the type.");
  for (auto& one : types)
    out.sample(one.cordoned, {{"type", one.type.name}});
  out.gauge("provisiond_type_waiting", "Reservations of the type that wait.");
  for (auto& one : types)
    out.sample(std::uint64_t{one.waiting}, {{"type", one.type.name}});
}

void write_type_counts(metrics_writer& out,
                       const std::vector<type_status>& types) {
  struct family {
    std::string_view name;
    std::string_view help;
    std::uint64_t type_status::*count;
  };
  static constexpr family families[]{
    {"provisiond_provisioner_calls_total", "Calls of provisioners.",
     &type_status::calls},
    {"provisiond_provisioner_fenced_total",
     "Calls and probes that missed their deadline; the provisioner was cut "
     "off.",
     &type_status::deadlines_missed},
    {"provisiond_provisioner_late_answers_total",
     "Answers after the deadline; they are ignored.",
     &type_status::late_answers},
    {"provisiond_provisioner_deaths_total",
     "Provisioners that died by themselves.", &type_status::deaths},
    {"provisiond_provisioner_restarts_total",
     "Provisioners made anew after a hang or a death.", &type_status::restarts},
    {"provisiond_provisioner_probes_total",
     "Probes of types that did not serve.", &type_status::probes},
    {"provisiond_type_suspensions_total",
     "Times that the type's circuit opened.", &type_status::suspensions}};
  for (auto& one : families) {
    out.counter(one.name, one.help);
    for (auto& type : types)
      out.sample(type.*one.count, {{"type", type.type.name}});
  }
}

} // namespace

void write_engine_metrics(metrics_writer& out, const node_numbers& all) {
  write_phase(out, all);
  write_queues(out, all);
  write_done(out, all);
  write_stages(out, all.times);
  write_expiry(out, all);
  write_type_states(out, all.node.engine.types);
  write_type_counts(out, all.node.engine.types);
}

} // namespace provision
