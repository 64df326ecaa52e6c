#include "backends/simulated/volume_backend.hpp"

#include <optional>
#include <stdexcept>
#include <utility>

#include "messages/reservation.hpp"

namespace provision {

namespace {

using fault_by_call = std::map<std::uint64_t, volume_fault>;
using fault_by_id = std::map<std::string, volume_fault>;

std::optional<volume_fault> fault_of(const fault_by_call& by_call,
                                     const fault_by_id& by_id,
                                     std::uint64_t call,
                                     const std::string& id) {
  if (const auto found = by_call.find(call); found != by_call.end())
    return found->second;
  if (const auto found = by_id.find(id); found != by_id.end())
    return found->second;
  return std::nullopt;
}

/// The fault's error, or its exception.
error strike(const volume_fault& fault) {
  if (fault.throws)
    throw std::runtime_error{fault.what.message};
  return fault.what;
}

} // namespace

void simulated_volumes::fail_at(std::uint64_t call, volume_fault fault) {
  const std::lock_guard lock{mutex_};
  faults_by_call_[call] = std::move(fault);
}

void simulated_volumes::fail_for(std::string id, volume_fault fault) {
  const std::lock_guard lock{mutex_};
  faults_by_id_[std::move(id)] = std::move(fault);
}

void simulated_volumes::heal(const std::string& id) {
  const std::lock_guard lock{mutex_};
  faults_by_id_.erase(id);
}

std::map<std::string, std::uint64_t> simulated_volumes::volumes() const {
  const std::lock_guard lock{mutex_};
  std::map<std::string, std::uint64_t> result;
  for (const auto& [id, facts] : volumes_)
    result.emplace(id, facts.limit_bytes);
  return result;
}

std::vector<std::string> simulated_volumes::calls() const {
  const std::lock_guard lock{mutex_};
  return calls_;
}

void simulated_volumes::set_used(const std::string& id, std::uint64_t bytes) {
  const std::lock_guard lock{mutex_};
  if (const auto found = volumes_.find(id); found != volumes_.end())
    found->second.used_bytes = bytes;
}

simulated_volume_backend::simulated_volume_backend(
  std::shared_ptr<simulated_volumes> host)
  : host_{std::move(host)} {
}

volume_ability simulated_volume_backend::ability() const {
  return {.technique = "simulated",
          .enforced = false,
          .reason = "volumes exist in memory only"};
}

volume_facts simulated_volume_backend::inspect(std::string_view id) {
  const std::lock_guard lock{host_->mutex_};
  const std::string name{id};
  host_->calls_.push_back("inspect " + name);
  const auto fault = fault_of(host_->faults_by_call_, host_->faults_by_id_,
                              host_->calls_.size(), name);
  if (fault)
    return {.state = presence::unknown, .reason = strike(*fault).message};
  const auto found = host_->volumes_.find(name);
  return found == host_->volumes_.end() ? volume_facts{} : found->second;
}

expected<std::string>
simulated_volume_backend::ensure(std::string_view id,
                                 std::uint64_t limit_bytes) {
  const std::lock_guard lock{host_->mutex_};
  const std::string name{id};
  host_->calls_.push_back("ensure " + name + ' ' + std::to_string(limit_bytes));
  const auto fault = fault_of(host_->faults_by_call_, host_->faults_by_id_,
                              host_->calls_.size(), name);
  if (fault && !fault->after_effect)
    return fail(strike(*fault));
  if (!is_safe_id(id) || limit_bytes == 0)
    return fail(errc::invalid_reservation,
                "volume " + name + ": id or size not usable");
  const auto found = host_->volumes_.find(name);
  const auto used
    = found == host_->volumes_.end() ? 0 : found->second.used_bytes;
  if (limit_bytes < used)
    return fail(errc::invalid_reservation,
                "volume " + name + ": " + std::to_string(limit_bytes)
                  + " bytes asked, " + std::to_string(used) + " in use");
  auto& facts = host_->volumes_[name];
  facts = {.state = presence::present,
           .path = "/simulated/" + name,
           .limit_bytes = limit_bytes,
           .used_bytes = used};
  if (fault)
    return fail(strike(*fault));
  return facts.path;
}

error simulated_volume_backend::destroy(std::string_view id) {
  const std::lock_guard lock{host_->mutex_};
  const std::string name{id};
  host_->calls_.push_back("destroy " + name);
  const auto fault = fault_of(host_->faults_by_call_, host_->faults_by_id_,
                              host_->calls_.size(), name);
  if (fault && !fault->after_effect)
    return strike(*fault);
  if (!is_safe_id(id))
    return {errc::invalid_reservation, "volume id is not usable"};
  host_->volumes_.erase(name);
  return fault ? strike(*fault) : error{};
}

expected<std::vector<held_object>> simulated_volume_backend::list() {
  std::vector<held_object> held;
  for (const auto& [id, limit] : host_->volumes())
    held.push_back({.id = id});
  return held;
}

} // namespace provision
