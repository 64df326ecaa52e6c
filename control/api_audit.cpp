// The audit: the sum over all live records, page by page, beside what the
// statser counts.
#include "actors/reservation_questions.hpp"
#include "control/api_asking.hpp"

namespace provision {

namespace {

/// An audit begins anew when the numbers moved under it, so often.
constexpr int audit_tries_max = 5;

} // namespace

struct api_state::audit_sum {
  int tries = 0;
  capacity_status counted = {};
  resources sum = {};
  std::uint64_t records = 0;
  std::uint64_t live = 0;
  std::string after = {};
  bool is_settled = false;
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
            return audit_end(call, *sum);
          audit_from(call, sum);
        });
    });
}

void api_state::audit_end(const api_call_ptr& call, const audit_sum& sum) {
  json_writer out;
  out.begin_object();
  // Numbers that moved all the time cannot be compared.
  out.field("comparable", sum.is_settled);
  out.field("drift", sum.is_settled && !(sum.sum == sum.counted.used));
  out.field("records", sum.records).field("live", sum.live);
  write_resources(out, "sum", sum.sum);
  write_resources(out, "counted", sum.counted.used);
  out.end_object();
  answer(*call, out);
}

} // namespace provision
