// Whether the node lives and takes reservations; for supervisors.
#include <algorithm>

#include "control/api_asking.hpp"
#include "control/node_health.hpp"
#include "control/node_metrics.hpp"

namespace provision {

void api_state::live(const api_call_ptr& call) {
  // The engine answers, so it is not stuck.
  ask<engine_status>(call, peers.engine, read_engine_status{},
                     [call](engine_status&) { answer_text(*call, "ok\n"); });
}

void api_state::ready(const api_call_ptr& call) {
  picture(call, [call](const node_picture& node) {
    auto checks = readiness_of(node);
    std::string text;
    if (call->target.query.contains("verbose"))
      for (auto& one : checks)
        text.append(one.is_good ? "[+] " : "[-] ")
          .append(one.name)
          .append(": ")
          .append(one.text)
          .append(one.is_good || one.is_needed ? "\n"
                                               : " (ready all the same)\n");
    bool is_ready = std::all_of(checks.begin(), checks.end(), [](auto& one) {
      return one.is_good || !one.is_needed;
    });
    constexpr int ok = 200;
    constexpr int unavailable = 503;
    answer_text(*call, text + (is_ready ? "ready\n" : "not ready\n"),
                is_ready ? ok : unavailable);
  });
}

void api_state::metrics(const api_call_ptr& call) {
  picture(call, [this, call](const node_picture& node) {
    ask<engine_numbers>(call, peers.engine, read_engine_numbers{},
                        [this, call, node](engine_numbers& times) {
                          node_numbers all{.version = PROVISION_VERSION,
                                           .node_id = options.node_id,
                                           .explorer = options.explorer,
                                           .now = options.clock->now(),
                                           .started_at = started_at,
                                           .node = node,
                                           .times = std::move(times),
                                           .process = read_process_numbers(),
                                           .polls = options.polls.get(),
                                           .requests = requests,
                                           .requests_refused = requests_refused,
                                           .followers = streams->load()};
                          if (options.orphans)
                            all.orphans = options.orphans->read();
                          all.usage = totals->read();
                          answer_metrics(*call, metrics_text(all));
                          // For the next scrape: this one waits for none.
                          measure_all();
                        });
  });
}

} // namespace provision
