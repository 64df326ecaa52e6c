#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "tests/support/scratch_folder.hpp"

namespace provision::dashboard {

/// A Chromium without a screen, as a process of its own with a fresh profile.
/// Speaks the DevTools protocol over two pipes: messages of JSON, each ended by
/// a zero byte.
class devtools_pipe {
public:
  devtools_pipe();
  devtools_pipe(const devtools_pipe&) = delete;
  devtools_pipe& operator=(const devtools_pipe&) = delete;
  /// Ends the browser and everything that it started.
  ~devtools_pipe();

  void send(const std::string& message);
  /// The next message; throws if none comes within a minute or the browser
  /// ends.
  std::string receive();
  /// The next message, if it is there already.
  std::optional<std::string> poll();

private:
  bool fill(int patience_ms);
  std::optional<std::string> cut();

  test::scratch_folder folder_ = {};
  pid_t pid_ = -1;
  int to_ = -1;
  int from_ = -1;
  std::string received_ = {};
};

} // namespace provision::dashboard
