#include "explorer/simulated/pool.hpp"

#include <algorithm>
#include <cmath>

#include "explorer/simulated/number_text.hpp"
#include "explorer/simulated/object_reader.hpp"
#include "messages/json/json.hpp"

namespace provision::simulated {

namespace {

/// Calls `each(a, b)` for every kind of unit.
template <class Each>
void for_units(cloud_units& a, const cloud_units& b, Each each) {
  each(a.cu, b.cu);
  each(a.su, b.su);
  each(a.ipv4, b.ipv4);
}

std::string list_of_numbers(const std::vector<std::int64_t>& numbers) {
  std::string text = "[";
  for (auto each : numbers)
    text.append(text.size() > 1 ? "," : "").append(std::to_string(each));
  return text + "]";
}

} // namespace

pool pool::empty(std::int64_t id, std::int64_t now) {
  pool made;
  made.id = id;
  made.meter_.last_updated = now;
  return made;
}

void pool::meter::sync(std::int64_t now) {
  auto passed = static_cast<double>(now - last_updated);
  for_units(left, active, [&](double& rest, double used) {
    rest = std::max(0.0, rest - used * passed);
  });
  last_updated = now;
}

void pool::meter::start(const cloud_units& used) {
  for_units(active, used, [](double& sum, double more) { sum += more; });
}

void pool::meter::stop(const cloud_units& used) {
  for_units(active, used, [](double& sum, double less) {
    if (less <= 0)
      return;
    sum -= less;
    // What is left of rounding is less than any workload takes.
    if (sum < 0.00001)
      sum = 0;
  });
}

std::int64_t pool::meter::end() const {
  constexpr auto longest = std::numeric_limits<std::int64_t>::max();
  auto earliest = longest;
  auto rest = left;
  for_units(rest, active, [&](double& each, double used) {
    if (used == 0)
      return;
    auto lasts = each / used + static_cast<double>(last_updated);
    if (lasts < static_cast<double>(longest))
      earliest = std::min(earliest, static_cast<std::int64_t>(lasts));
  });
  return earliest;
}

void pool::sync(std::int64_t now) {
  meter_.sync(now);
}

void pool::add_capacity(const cloud_units& bought, std::int64_t now) {
  meter_.sync(now);
  for_units(meter_.left, bought,
            [](double& left, double more) { left += more; });
  empty_at_ = meter_.end();
}

void pool::add_workload(std::int64_t workload, const cloud_units& used,
                        std::int64_t now) {
  if (!places_.emplace(workload, workloads_.size()).second)
    return;
  workloads_.push_back(workload);
  meter_.sync(now);
  meter_.start(used);
  empty_at_ = meter_.end();
}

void pool::remove_workload(std::int64_t workload, const cloud_units& used,
                           std::int64_t now) {
  auto found = places_.find(workload);
  if (found == places_.end())
    return;
  auto place = found->second;
  places_.erase(found);
  // The original fills the gap with the last one, too.
  if (place + 1 != workloads_.size()) {
    workloads_[place] = workloads_.back();
    places_[workloads_[place]] = place;
  }
  workloads_.pop_back();
  meter_.sync(now);
  meter_.stop(used);
  empty_at_ = meter_.end();
}

std::int64_t pool::empty_at_with(std::int64_t workload, const cloud_units& used,
                                 std::int64_t now) const {
  if (places_.contains(workload))
    return empty_at_;
  auto supposed = meter_;
  supposed.sync(now);
  supposed.start(used);
  return supposed.end();
}

bool pool::allows(std::string_view node_id) const {
  return std::find(node_ids.begin(), node_ids.end(), node_id) != node_ids.end();
}

bool pool::lacks(const cloud_units& used) const {
  return (used.cu > 0 && meter_.left.cu <= 0)
         || (used.su > 0 && meter_.left.su <= 0)
         || (used.ipv4 > 0 && meter_.left.ipv4 <= 0);
}

std::string pool::write() const {
  std::string nodes = "[";
  for (const auto& each : node_ids)
    nodes.append(nodes.size() > 1 ? "," : "").append(json::quote(each));
  return "{\"pool_id\":" + std::to_string(id)
         + ",\"cus\":" + number_text(meter_.left.cu)
         + ",\"sus\":" + number_text(meter_.left.su) + ",\"ipv4us\":"
         + number_text(meter_.left.ipv4) + ",\"node_ids\":" + nodes
         + "],\"last_updated\":" + std::to_string(meter_.last_updated)
         + ",\"active_cu\":" + number_text(meter_.active.cu)
         + ",\"active_su\":" + number_text(meter_.active.su)
         + ",\"active_ipv4\":" + number_text(meter_.active.ipv4)
         + ",\"empty_at\":" + std::to_string(empty_at_)
         + ",\"customer_tid\":" + std::to_string(customer_tid)
         + ",\"sponsor_tid\":" + std::to_string(sponsor_tid)
         + ",\"active_workload_ids\":" + list_of_numbers(workloads_) + "}";
}

expected<pool> pool::read(std::string_view json) {
  auto reader = object_reader::parse(json);
  if (!reader)
    return fail(reader.error());
  pool made;
  std::optional<std::vector<std::string>> nodes;
  std::optional<std::vector<std::int64_t>> workloads;
  reader->read("pool_id", made.id);
  reader->read("cus", made.meter_.left.cu);
  reader->read("sus", made.meter_.left.su);
  reader->read("ipv4us", made.meter_.left.ipv4);
  reader->read("node_ids", nodes);
  reader->read("last_updated", made.meter_.last_updated);
  reader->read("active_cu", made.meter_.active.cu);
  reader->read("active_su", made.meter_.active.su);
  reader->read("active_ipv4", made.meter_.active.ipv4);
  reader->read("empty_at", made.empty_at_);
  reader->read("customer_tid", made.customer_tid);
  reader->read("sponsor_tid", made.sponsor_tid);
  reader->read("active_workload_ids", workloads);
  if (auto broken = reader->failure())
    return fail(broken);
  made.node_ids = nodes.value_or(std::vector<std::string>{});
  made.workloads_ = workloads.value_or(std::vector<std::int64_t>{});
  for (std::size_t i = 0; i < made.workloads_.size(); ++i)
    made.places_[made.workloads_[i]] = i;
  return made;
}

const pool* pool_book::find(std::int64_t id) const {
  auto found = pools_.find(id);
  return found == pools_.end() ? nullptr : &found->second;
}

void pool_book::put(pool changed) {
  auto id = changed.id;
  if (auto* old = find(id))
    ends_.erase({old->empty_at(), id});
  ends_.insert({changed.empty_at(), id});
  pools_[id] = std::move(changed);
}

std::int64_t pool_book::take_emptied(std::int64_t now) {
  if (ends_.empty() || ends_.begin()->first > now)
    return 0;
  auto id = ends_.begin()->second;
  ends_.erase(ends_.begin());
  return id;
}

} // namespace provision::simulated
