#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "backends/host/process_mutex.hpp"
#include "backends/volume_backend.hpp"

namespace provision {

/// A volume back-end that several provisioners use at once, in this process and
/// in others that share `lock`: one call at a time, usage() apart. Thread-safe.
class shared_volume_backend final : public volume_backend {
public:
  shared_volume_backend(std::unique_ptr<volume_backend> inner,
                        std::unique_ptr<process_mutex> lock)
    : inner_{std::move(inner)}, lock_{std::move(lock)} {}

  volume_ability ability() const override {
    const std::lock_guard hold{*lock_};
    return inner_->ability();
  }

  volume_facts inspect(std::string_view id) override {
    const std::lock_guard hold{*lock_};
    return inner_->inspect(id);
  }

  expected<std::string> ensure(std::string_view id,
                               std::uint64_t limit_bytes) override {
    const std::lock_guard hold{*lock_};
    return inner_->ensure(id, limit_bytes);
  }

  error destroy(std::string_view id) override {
    const std::lock_guard hold{*lock_};
    return inner_->destroy(id);
  }

  /// Measuring may take long and changes nothing: nobody waits for it.
  expected<workload_usage> usage(std::string_view id) override {
    return inner_->usage(id);
  }

  expected<std::vector<held_object>> list() override {
    const std::lock_guard hold{*lock_};
    return inner_->list();
  }

private:
  const std::unique_ptr<volume_backend> inner_;
  const std::unique_ptr<process_mutex> lock_;
};

} // namespace provision
