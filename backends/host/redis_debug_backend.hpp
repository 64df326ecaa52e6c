#pragma once

#include <functional>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>

#include "backends/host/log_forwarder.hpp"

namespace provision {

/// A forwarder per reservation, each to a redis server of its own.
class redis_debug_backend final : public debug_backend {
public:
  /// Called on a forwarder's thread, see log_forwarder_options::on_change.
  using listener = std::function<void(const debug_order&, const error&)>;

  explicit redis_debug_backend(listener on_change)
    : on_change_{std::move(on_change)} {}
  ~redis_debug_backend() override;

  debug_facts inspect(std::string_view id) override;
  /// errc::host_unavailable
  error ensure(const debug_order& order) override;
  error destroy(std::string_view id) override;

  /// A line for all. Returns at once. Thread-safe.
  void offer(std::string_view line);

private:
  const listener on_change_;
  std::shared_mutex mutex_;
  std::map<std::string, std::unique_ptr<log_forwarder>, std::less<>>
    forwarders_;
};

} // namespace provision
