#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <boost/asio/ssl/context.hpp>

#include "backends/worker_process.hpp"

namespace provision {

/// Where a worker on another host waits for its daemon.
struct remote_worker {
  /// A name or a numeric address; its certificate has to name it.
  std::string host = {};
  std::uint16_t port = 0;
  /// For the client's side (open_mutual_tls).
  std::shared_ptr<boost::asio::ssl::context> tls = {};

  /// "storage-1.example:7443".
  std::string text() const;
};

/// A launcher whose workers are connections to `where`: each makes the worker's
/// host start a process of its own, which ends with the connection. Connecting
/// goes on beside: whether it went well is said by the worker's first word or
/// by its ending ("could not be reached at storage-1.example:7443: Connection
/// refused").
worker_launcher dial_worker(remote_worker where);

} // namespace provision
