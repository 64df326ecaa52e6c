#include "explorer/simulated/holdings.hpp"

#include <algorithm>

namespace provision::simulated {

namespace {

struct applier {
  holdings& all;

  void operator()(const workload_stored& c) {
    all.last_workload_id = std::max(all.last_workload_id, c.document.id);
    all.workloads.put(c.document);
  }

  void operator()(const result_stored& c) {
    if (all.workloads.find(c.id))
      all.workloads.update(
        c.id, [&](documents::workload& w) { w.result = c.result; });
  }

  void operator()(const action_set& c) {
    if (all.workloads.find(c.id))
      all.workloads.update(
        c.id, [&](documents::workload& w) { w.next_action = c.action; });
  }

  void operator()(const queued& c) { all.queue.put(c.snapshot); }
  void operator()(const dequeued& c) { all.queue.remove(c.id); }
  void operator()(const user_stored& c) { all.users.put(c.who); }
  void operator()(const farm_stored& c) { all.farms[c.what.id] = c.what; }
  void operator()(const node_stored& c) { all.nodes[c.what.node_id] = c.what; }
  void operator()(const pool_stored& c) { all.pools.put(c.what); }

  void operator()(const pool_used& c) {
    if (!all.pools.find(c.pool_id))
      return;
    all.pools.update(c.pool_id, [&](pool& p) {
      if (c.starts)
        p.add_workload(c.workload_id, c.units, c.at);
      else
        p.remove_workload(c.workload_id, c.units, c.at);
    });
  }

  void operator()(const counters_set& c) {
    all.last_workload_id = std::max(all.last_workload_id, c.last_workload_id);
    all.last_pool_order_id
      = std::max(all.last_pool_order_id, c.last_pool_order_id);
  }
};

} // namespace

void carry_out(holdings& all, const change& what) {
  std::visit(applier{all}, what);
}

std::vector<change> snapshot(const holdings& all) {
  std::vector<change> changes;
  changes.emplace_back(
    counters_set{all.last_workload_id, all.last_pool_order_id});
  for (const auto& [id, who] : all.users.all())
    changes.emplace_back(user_stored{who});
  for (const auto& [id, each] : all.farms)
    changes.emplace_back(farm_stored{each});
  for (const auto& [id, each] : all.nodes)
    changes.emplace_back(node_stored{each});
  for (const auto& [id, each] : all.pools.all())
    changes.emplace_back(pool_stored{each});
  for (const auto& [id, each] : all.workloads.all())
    changes.emplace_back(workload_stored{each});
  for (const auto* each : all.queue.all())
    changes.emplace_back(queued{*each});
  return changes;
}

} // namespace provision::simulated
