// The audit: the sum over all live records, page by page, beside what the
// statser counts, and what the host says of the same workloads.
#include "actors/reservation_questions.hpp"
#include "control/api_asking.hpp"

namespace provision {

namespace {

/// An audit begins anew when the numbers moved under it, so often.
constexpr int audit_tries_max = 5;

void write_host(json_writer& out, const std::vector<measured_workload>& all) {
  std::uint64_t measured = 0;
  std::uint64_t memory = 0;
  std::uint64_t disk = 0;
  for (const auto& one : all) {
    measured += one.failed ? 0U : 1U;
    memory += one.uses.memory_bytes.value_or(0);
    disk += one.uses.disk_bytes.value_or(0);
  }
  out.key("host").begin_object();
  out.field("measured", measured).field("memory_bytes", memory);
  out.field("disk_bytes", disk);
  out.key("missing").begin_array();
  for (const auto& one : all)
    if (one.failed)
      out.value(one.id);
  out.end_array().key("beyond").begin_array();
  for (const auto& one : all)
    if (is_beyond(one))
      out.value(one.id);
  out.end_array().end_object();
}

} // namespace

struct api_state::audit_sum {
  int tries = 0;
  capacity_status counted = {};
  resources sum = {};
  std::uint64_t records = 0;
  std::uint64_t live = 0;
  std::string after = {};
  bool is_settled = false;
  std::vector<measured_workload> workloads = {};
};

void api_state::audit(const api_call_ptr& call) {
  audit_from(call, std::make_shared<audit_sum>());
}

void api_state::audit_from(const api_call_ptr& call,
                           std::shared_ptr<audit_sum> sum) {
  ask<capacity_status>(call, peers.statser, read_capacity{},
                       [this, call, sum](capacity_status& now) {
                         *sum = {.tries = sum->tries + 1, .counted = now};
                         audit_page(call, sum);
                       });
}

void api_state::audit_page(const api_call_ptr& call,
                           std::shared_ptr<audit_sum> sum) {
  ask_store<listed_records>(
    call, list_records{.after = sum->after, .count_max = list_count_max},
    [this, call, sum](listed_records& page) {
      for (auto& row : page.rows) {
        ++sum->records;
        if (!holds_capacity(row.state))
          continue;
        ++sum->live;
        sum->sum = checked_add(sum->sum, row.takes).value_or(sum->sum);
        if (is_measured(row))
          sum->workloads.push_back(to_be_measured(row));
      }
      sum->after = page.next;
      if (!page.next.empty())
        return audit_page(call, sum);
      ask<capacity_status>(
        call, peers.statser, read_capacity{},
        [this, call, sum](capacity_status& now) {
          sum->is_settled = now.used == sum->counted.used
                            && now.workloads == sum->counted.workloads;
          if (sum->is_settled || sum->tries == audit_tries_max)
            return audit_host(call, sum);
          audit_from(call, sum);
        });
    });
}

/// What the host says of the same workloads.
void api_state::audit_host(const api_call_ptr& call,
                           std::shared_ptr<audit_sum> sum) {
  measure(std::move(sum->workloads), [call, sum](auto& measured) {
    json_writer out;
    out.begin_object();
    // Numbers that moved all the time cannot be compared.
    out.field("comparable", sum->is_settled);
    out.field("drift", sum->is_settled && !(sum->sum == sum->counted.used));
    out.field("records", sum->records).field("live", sum->live);
    write_resources(out, "sum", sum->sum);
    write_resources(out, "counted", sum->counted.used);
    write_host(out, measured);
    out.end_object();
    answer(*call, out);
  });
}

} // namespace provision
