#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "backends/host/file_descriptor.hpp"
#include "messages/error.hpp"

namespace provision {

/// What a QEMU says of its machine.
struct qemu_status {
  /// "running", "paused", "io-error", "shutdown", ...
  std::string state = {};
  /// Lower case.
  std::string uuid = {};
};

/// A conversation with a QEMU over its control socket. QEMU talks to one at a
/// time; the next one waits until this is closed. Blocks, each call for the
/// given patience at most.
class qemu_monitor {
public:
  /// Connects and exchanges greetings. errc::deadline_exceeded,
  /// errc::backend_failure.
  static expected<qemu_monitor> connect(const std::string& path,
                                        std::chrono::milliseconds patience);

  expected<qemu_status> status();

  /// Presses the power button: the machine's system may heed it.
  error press_power_button();

private:
  qemu_monitor(file_descriptor socket, std::chrono::milliseconds patience)
    : socket_{std::move(socket)}, patience_{patience} {}

  expected<std::string> hear();
  expected<std::string> ask(std::string_view command);

  file_descriptor socket_;
  std::chrono::milliseconds patience_;
  std::string heard_ = {};
};

} // namespace provision
