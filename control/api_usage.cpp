// What workloads use, beside what they reserved.
#include "control/api_asking.hpp"
#include "control/usage_meter.hpp"

namespace provision {

namespace {

void write_figure(json_writer& out, std::string_view name,
                  const std::optional<std::uint64_t>& figure) {
  out.key(name);
  if (figure)
    out.value(*figure);
  else
    out.null();
}

void write_measured(json_writer& out, const measured_workload& one) {
  out.begin_object().field("id", one.id).field("type", one.type);
  write_resources(out, "reserved", one.takes);
  write_figure(out, "memory_bytes", one.uses.memory_bytes);
  write_figure(out, "cpu_us", one.uses.cpu_us);
  write_figure(out, "disk_bytes", one.uses.disk_bytes);
  write_figure(out, "disk_bytes_max", one.uses.disk_bytes_max);
  write_figure(out, "received_bytes", one.uses.received_bytes);
  write_figure(out, "sent_bytes", one.uses.sent_bytes);
  out.key("failed");
  if (one.failed)
    out.value(one.failed.message);
  else
    out.null();
  out.end_object();
}

} // namespace

void api_state::usage(const api_call_ptr& call) {
  auto request = list_request(call->target);
  if (!request)
    return refuse(*call, request.error());
  ask_store<listed_records>(call, *request, [this, call](listed_records& page) {
    std::vector<measured_workload> of;
    for (auto& row : page.rows)
      if (is_measured(row))
        of.push_back(to_be_measured(row));
    measure(std::move(of), [call, next = page.next](auto& measured) {
      json_writer out;
      out.begin_object().key("usage").begin_array();
      for (auto& one : measured)
        write_measured(out, one);
      out.end_array().field("next", next).end_object();
      answer(*call, out);
    });
  });
}

bool api_state::is_measured(const record& row) const {
  return row.state == record_state::provisioned
         && options.usage.contains(row.type.name);
}

void api_state::measure(
  std::vector<measured_workload> of,
  std::function<void(std::vector<measured_workload>&)> then) {
  self->send(meter, usage_job{std::move(of), std::move(then)});
}

} // namespace provision
