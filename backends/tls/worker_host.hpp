#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/ssl/context.hpp>

#include "backends/worker_process.hpp"
#include "config/listen_address.hpp"

namespace provision {

/// How a host offers a worker to one daemon elsewhere.
struct worker_host {
  config::listen_address listen = {};
  /// For the server's side (open_mutual_tls).
  std::shared_ptr<boost::asio::ssl::context> tls = {};
  /// Name that the daemon's certificate has to bear.
  std::string daemon = {};
  worker_launcher launch = {};
  /// Called once, with the port that it listens at.
  std::function<void(std::uint16_t)> on_listening = {};
  /// What happened, for the log.
  std::function<void(const std::string&)> on_event = {};
};

/// Gives each connection of the daemon a worker of its own, which ends with it.
/// There is never more than one: a new connection means that the daemon has
/// given up the one before, so its worker is ended first. Serves until SIGTERM
/// or SIGINT; the error says why it cannot listen. For the main thread: the
/// workers end with the thread that calls this.
error serve_workers(const worker_host& offered);

} // namespace provision
