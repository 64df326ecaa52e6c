#include "shim/rotated_log.hpp"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace provision::shim {

rotated_log::rotated_log(std::string path, std::uint64_t bytes_max,
                         std::uint32_t old_max)
  : path_{std::move(path)},
    bytes_max_{std::max<std::uint64_t>(bytes_max, 1)}, old_max_{old_max} {
  open();
}

rotated_log::~rotated_log() {
  if (file_ >= 0)
    ::close(file_);
}

void rotated_log::open() {
  file_ = ::open(path_.c_str(),
                 O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
  struct stat facts = {};
  size_ = file_ >= 0 && ::fstat(file_, &facts) == 0
            ? static_cast<std::uint64_t>(facts.st_size)
            : 0;
}

void rotated_log::rotate() {
  ::close(file_);
  for (auto age = old_max_; age > 0; --age) {
    const auto younger
      = age == 1 ? path_ : path_ + '.' + std::to_string(age - 1);
    // One that is not there yet does not matter.
    ::rename(younger.c_str(), (path_ + '.' + std::to_string(age)).c_str());
  }
  if (old_max_ == 0)
    ::unlink(path_.c_str());
  open();
}

void rotated_log::write(const char* bytes, std::size_t size) {
  if (file_ < 0)
    open();
  tell_of_loss();
  while (size > 0) {
    if (size_ >= bytes_max_)
      rotate();
    const auto part
      = std::min<std::uint64_t>(size, bytes_max_ - std::min(size_, bytes_max_));
    if (part == 0) {
      lost_ += size;
      return;
    }
    write_out(bytes, part);
    bytes += part;
    size -= part;
  }
}

void rotated_log::write_out(const char* bytes, std::size_t size) {
  while (size > 0) {
    const auto done = file_ < 0 ? -1 : ::write(file_, bytes, size);
    if (done < 0 && file_ >= 0 && errno == EINTR)
      continue;
    if (done <= 0) {
      lost_ += size;
      return;
    }
    size_ += static_cast<std::uint64_t>(done);
    bytes += done;
    size -= static_cast<std::size_t>(done);
  }
}

void rotated_log::tell_of_loss() {
  if (lost_ == 0)
    return;
  const auto told
    = "\n[" + std::to_string(lost_) + " bytes could not be kept]\n";
  const auto before = lost_;
  write_out(told.data(), told.size());
  if (lost_ == before)
    lost_ = 0;
  else
    lost_ = before;
}

} // namespace provision::shim
