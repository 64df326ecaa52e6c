#include "persistence/leveldb/store_disk.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace provision {

namespace {

leveldb::Status io_error(const std::string& path, int reason) {
  return leveldb::Status::IOError(path, std::strerror(reason));
}

class table_file final : public leveldb::RandomAccessFile {
public:
  table_file(std::string path, int file)
    : path_{std::move(path)}, file_{file} {}
  table_file(const table_file&) = delete;
  table_file& operator=(const table_file&) = delete;
  ~table_file() override { ::close(file_); }

  leveldb::Status Read(std::uint64_t offset, std::size_t size,
                       leveldb::Slice* result, char* scratch) const override {
    std::size_t done = 0;
    while (done < size) {
      const auto got = ::pread(file_, scratch + done, size - done,
                               static_cast<off_t>(offset + done));
      if (got == 0)
        break;
      if (got > 0)
        done += static_cast<std::size_t>(got);
      else if (errno != EINTR)
        return io_error(path_, errno);
    }
    *result = leveldb::Slice{scratch, done};
    return leveldb::Status::OK();
  }

private:
  std::string path_;
  int file_;
};

/// It reads tables instead of mapping them: a disk that fails is an error and
/// not a signal that ends the process, and the memory of the process does not
/// grow with the store.
class host_env final : public leveldb::EnvWrapper {
public:
  host_env() : EnvWrapper{leveldb::Env::Default()} {}

  leveldb::Status
  NewRandomAccessFile(const std::string& path,
                      leveldb::RandomAccessFile** file) override {
    const int opened = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (opened < 0)
      return io_error(path, errno);
    *file = new table_file{path, opened};
    return leveldb::Status::OK();
  }
};

class machine_disk final : public store_disk {
public:
  leveldb::Env& env() override { return env_; }

  leveldb::Status sync_folder(const std::string& folder) override {
    const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = file >= 0 && ::fsync(file) == 0;
    const int reason = errno;
    if (file >= 0)
      ::close(file);
    return synced ? leveldb::Status::OK() : io_error(folder, reason);
  }

  leveldb::Status cut(const std::string& path, std::uint64_t size) override {
    if (::truncate(path.c_str(), static_cast<off_t>(size)) == 0
        || errno == ENOENT)
      return leveldb::Status::OK();
    return io_error(path, errno);
  }

  std::optional<std::uint64_t> free_bytes(const std::string& folder) override {
    std::error_code unknown;
    const auto space = std::filesystem::space(folder, unknown);
    if (unknown)
      return std::nullopt;
    return space.available;
  }

private:
  host_env env_;
};

} // namespace

store_disk& host_disk() {
  // LevelDB may use its Env until the very end of the process.
  static auto* disk = new machine_disk;
  return *disk;
}

} // namespace provision
