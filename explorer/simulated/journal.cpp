#include "explorer/simulated/journal.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace provision::simulated {

namespace {

error storage_error(const std::string& path, int code) {
  return {errc::storage_failure, path + ": " + std::strerror(code), code};
}

error write_all(int file, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    auto written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return storage_error(path, errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

std::string line_of(const std::vector<change>& changes) {
  std::string line = "[";
  for (const auto& each : changes)
    line.append(line.size() > 1 ? "," : "").append(write(each));
  return line + "]\n";
}

} // namespace

journal::journal(std::string folder, durability when)
  : folder_{std::move(folder)}, when_{when} {
}

journal::~journal() {
  if (file_ >= 0)
    ::close(file_);
  if (lock_file_ >= 0)
    ::close(lock_file_);
}

expected<std::unique_ptr<journal>>
journal::open(const std::string& folder, durability when, holdings& all) {
  std::error_code code;
  std::filesystem::create_directories(folder, code);
  if (code)
    return fail(storage_error(folder, code.value()));
  std::unique_ptr<journal> opened{new journal{folder, when}};
  if (auto failure = opened->lock())
    return fail(failure);
  if (auto failure = opened->replay(all))
    return fail(failure);
  if (auto failure = opened->start_anew(all))
    return fail(failure);
  return opened;
}

error journal::lock() {
  auto path = folder_ + "/lock";
  lock_file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (lock_file_ < 0)
    return storage_error(path, errno);
  if (::flock(lock_file_, LOCK_EX | LOCK_NB) != 0)
    return {errc::storage_locked,
            folder_ + " is in use by another simulated explorer"};
  return {};
}

error journal::replay(holdings& all) const {
  auto path = folder_ + "/explorer.log";
  std::ifstream file{path, std::ios::binary};
  std::string line;
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    // getline stops at the end of the file, too: a line torn by a crash.
    if (file.eof())
      break;
    auto changes = read_changes(line);
    if (!changes)
      return {errc::storage_corrupt, path + " line " + std::to_string(number)
                                       + ": " + changes.error().message};
    for (const auto& each : *changes)
      carry_out(all, each);
  }
  if (file.bad())
    return storage_error(path, EIO);
  return {};
}

error journal::start_anew(const holdings& all) {
  auto path = folder_ + "/explorer.log";
  auto fresh = path + ".new";
  file_ = ::open(fresh.c_str(),
                 O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
  if (file_ < 0)
    return storage_error(fresh, errno);
  for (auto& each : snapshot(all)) {
    auto line = line_of({std::move(each)});
    if (auto failure = write_all(file_, line, fresh))
      return failure;
    size_ += static_cast<std::int64_t>(line.size());
  }
  // The old log may only go once the new one is whole.
  if (::fsync(file_) != 0)
    return storage_error(fresh, errno);
  if (::rename(fresh.c_str(), path.c_str()) != 0)
    return storage_error(path, errno);
  auto directory = ::open(folder_.c_str(), O_RDONLY | O_CLOEXEC);
  if (directory >= 0) {
    ::fsync(directory);
    ::close(directory);
  }
  return {};
}

error journal::append(const std::vector<change>& changes) {
  if (changes.empty())
    return {};
  auto path = folder_ + "/explorer.log";
  auto line = line_of(changes);
  auto failure = write_all(file_, line, path);
  if (!failure && when_ == durability::power && ::fdatasync(file_) != 0)
    failure = storage_error(path, errno);
  if (failure) {
    // Half a line would spoil the next one.
    if (::ftruncate(file_, size_) != 0)
      return storage_error(path, errno);
    return failure;
  }
  size_ += static_cast<std::int64_t>(line.size());
  return {};
}

} // namespace provision::simulated
