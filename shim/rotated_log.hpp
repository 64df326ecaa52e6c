#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace provision::shim {

/// Keeps the last output of a process in files of bounded size. What cannot be
/// written is dropped and counted: a full disk must not stop the process.
class rotated_log {
public:
  /// "<path>", and "<path>.1" to "<path>.<old_max>" for what is older.
  rotated_log(std::string path, std::uint64_t bytes_max, std::uint32_t old_max);
  ~rotated_log();
  rotated_log(const rotated_log&) = delete;
  rotated_log& operator=(const rotated_log&) = delete;

  void write(const char* bytes, std::size_t size);

private:
  void open();
  void rotate();
  void write_out(const char* bytes, std::size_t size);
  void tell_of_loss();

  const std::string path_;
  const std::uint64_t bytes_max_;
  const std::uint32_t old_max_;
  int file_ = -1;
  std::uint64_t size_ = 0;
  std::uint64_t lost_ = 0;
};

} // namespace provision::shim
