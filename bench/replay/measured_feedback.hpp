#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "bench/replay/stream_journal.hpp"
#include "explorer/explorer_client.hpp"

namespace provision::bench {

/// Notes when the explorer behind it accepts a result. Without one it accepts
/// everything itself, at once.
class measured_feedback final : public feedbacker {
public:
  /// `accepted` is called after each result, on the explorer's thread.
  measured_feedback(std::shared_ptr<feedbacker> explorer,
                    std::shared_ptr<bench::stream_journal> journal,
                    std::function<void()> accepted);

  void feedback(const std::string& node_id, const std::string& id,
                const std::string& body, callback done) override;
  void deleted(const std::string& node_id, const std::string& id,
               callback done) override;
  void update_stats(const std::string& node_id, const workload_amount& counts,
                    const resource_amount& units, callback done) override;

  std::uint64_t refused() const noexcept { return *refused_; }

private:
  std::shared_ptr<feedbacker> explorer_;
  std::shared_ptr<bench::stream_journal> journal_;
  std::function<void()> accepted_;
  std::shared_ptr<std::atomic<std::uint64_t>> refused_
    = std::make_shared<std::atomic<std::uint64_t>>(0);
};

} // namespace provision::bench
