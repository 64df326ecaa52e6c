#pragma once

#include <cstdint>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "actors/workers/worker_messages.hpp"
#include "identity/secret.hpp"
#include "messages/error.hpp"
#include "messages/reservation.hpp"

namespace provision {

/// How what runs in a worker asks its daemon: for what only the daemon can
/// open, because it alone has the node's key, and for what only its records
/// tell. Blocks until it answers. Thread-safe.
class daemon_line {
public:
  /// Opens what is sealed in `r`, which the worker has in its hands.
  expected<secret> open_secret(const reservation& r, std::string_view sealed);
  /// Opens a network's key.
  expected<secret> open_network_key(std::string_view sealed);
  /// See engine_door::owner().
  expected<std::string> owner(const reservation_type& type,
                              const std::string& id);

  /// For whoever has the socket: carries questions from now on.
  void connect(std::function<void(worker_question)> carry);
  /// For the same: an answer has come. False if nobody has asked.
  bool deliver(worker_reply& reply);

private:
  expected<std::string> ask(worker_question what);

  std::mutex mutex_;
  std::function<void(worker_question)> carry_;
  std::map<std::uint64_t, std::promise<expected<std::string>>> asked_;
  std::uint64_t questions_ = 0;
};

} // namespace provision
