#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace provision {

/// The service manager's end of sd_notify: tells it how the daemon is. Does
/// nothing where no manager asked to be told.
class service_manager {
public:
  /// `socket` is the value of NOTIFY_SOCKET; empty: nobody listens.
  explicit service_manager(std::string socket) : socket_{std::move(socket)} {}

  void ready(std::string_view status) const;
  /// The configuration is being read again; ready() ends it.
  void reloading() const;
  void stopping() const;
  void status(std::string_view text) const;
  /// Still starting, and not stuck: asks for `more` time from now.
  void starting(std::string_view status, std::chrono::seconds more) const;
  /// All is well: the watchdog's time begins anew.
  void alive() const;

private:
  void send(const std::string& message) const;

  std::string socket_;
};

/// How often the service manager wants to hear that all is well, from the
/// environment's WATCHDOG_USEC and WATCHDOG_PID (null: not set); nothing if it
/// does not, or if it means another process.
std::optional<std::chrono::microseconds>
watchdog_period(const char* microseconds, const char* process, int own_process);

} // namespace provision
