#pragma once

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
  void stopping() const;
  void status(std::string_view text) const;

private:
  void send(const std::string& message) const;

  std::string socket_;
};

} // namespace provision
