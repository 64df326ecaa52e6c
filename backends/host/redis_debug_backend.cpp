#include "backends/host/redis_debug_backend.hpp"

#include <mutex>
#include <utility>

namespace provision {

redis_debug_backend::~redis_debug_backend() {
  // Each ends on its own, and may write a line meanwhile.
  decltype(forwarders_) over;
  const std::lock_guard lock{mutex_};
  over.swap(forwarders_);
}

debug_facts redis_debug_backend::inspect(std::string_view id) {
  const std::shared_lock lock{mutex_};
  const auto found = forwarders_.find(id);
  if (found == forwarders_.end())
    return {};
  return {.state = presence::present,
          .sent = found->second->sent(),
          .dropped = found->second->dropped()};
}

error redis_debug_backend::ensure(const debug_order& order) {
  {
    const std::shared_lock lock{mutex_};
    const auto found = forwarders_.find(order.id);
    if (found != forwarders_.end() && found->second->order() == order)
      return {};
  }
  auto made = log_forwarder::start(
    order, {.on_change = [tell = on_change_, order](const error& failed) {
      tell(order, failed);
    }});
  if (!made)
    return made.error();
  // Ended without the lock: it may be writing a line, which comes back here.
  auto other = std::move(*made);
  const std::lock_guard lock{mutex_};
  std::swap(forwarders_[order.id], other);
  return {};
}

error redis_debug_backend::destroy(std::string_view id) {
  std::unique_ptr<log_forwarder> over;
  const std::lock_guard lock{mutex_};
  const auto found = forwarders_.find(id);
  if (found != forwarders_.end()) {
    over = std::move(found->second);
    forwarders_.erase(found);
  }
  return {};
}

void redis_debug_backend::offer(std::string_view line) {
  const std::shared_lock lock{mutex_};
  for (const auto& [id, one] : forwarders_)
    one->offer(line);
}

} // namespace provision
