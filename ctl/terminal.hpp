#pragma once

#include <termios.h>

#include <chrono>
#include <cstddef>

namespace provision::ctl {

/// The terminal as a canvas: another screen without a cursor, keys at once.
/// However it ends, by return, exception or signal, the user finds his terminal
/// as it was.
class terminal {
public:
  /// `in` and `out`: descriptors of a terminal.
  terminal(int in, int out);
  terminal(const terminal&) = delete;
  terminal& operator=(const terminal&) = delete;
  ~terminal();

  enum class event { time, key, resized, ended };

  /// Waits for a key, a new size or a signal that asks to end; `key` gets it.
  event wait(std::chrono::milliseconds patience, char& key);

  /// Lines and columns now.
  struct extent {
    std::size_t lines = 24;
    std::size_t columns = 80;
  };
  extent size() const;

private:
  void take();
  void give_back();
  void pause();
  event told_by(int signal);

  int in_;
  int out_;
  int signals_ = -1;
  bool is_raw_ = false;
  termios before_ = {};
};

} // namespace provision::ctl
