#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "backends/volume_backend.hpp"

namespace provision {

/// What happens to a call.
struct volume_fault {
  /// Returned by ensure and destroy; inspect answers "unknown" with its text.
  error what = {};
  /// Throw std::runtime_error instead of returning.
  bool throws = false;
  /// The effect takes place although the call fails, as in a crash between
  /// the effect and the answer.
  bool after_effect = false;
};

/// A host's volumes in memory: outlives the backends that work on it, as a
/// real host outlives the daemon. Safe to share between threads.
class simulated_volumes {
public:
  /// Lets call number `call` (from 1, over all methods) go wrong.
  void fail_at(std::uint64_t call, volume_fault fault);
  /// Lets every call about this id go wrong until told otherwise.
  void fail_for(std::string id, volume_fault fault);
  void heal(const std::string& id);

  /// Id and limit of the volumes that exist.
  std::map<std::string, std::uint64_t> volumes() const;
  /// "ensure 7-1 1073741824", "destroy 7-1", "inspect 7-1", oldest first.
  std::vector<std::string> calls() const;

  void set_used(const std::string& id, std::uint64_t bytes);

private:
  friend class simulated_volume_backend;

  mutable std::mutex mutex_;
  std::map<std::string, volume_facts> volumes_;
  std::vector<std::string> calls_;
  std::map<std::uint64_t, volume_fault> faults_by_call_;
  std::map<std::string, volume_fault> faults_by_id_;
};

/// volume_backend on a simulated host; keeps the port's promises, and breaks
/// them where told to.
class simulated_volume_backend final : public volume_backend {
public:
  explicit simulated_volume_backend(std::shared_ptr<simulated_volumes> host
                                    = std::make_shared<simulated_volumes>());

  volume_ability ability() const override;
  volume_facts inspect(std::string_view id) override;
  expected<std::string> ensure(std::string_view id,
                               std::uint64_t limit_bytes) override;
  error destroy(std::string_view id) override;
  expected<std::vector<held_object>> list() override;

private:
  std::shared_ptr<simulated_volumes> host_;
};

} // namespace provision
