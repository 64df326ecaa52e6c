#include "persistence/leveldb/store_env.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace provision {

namespace {

/// Counts what is appended to the log that is current.
class counted_file final : public leveldb::WritableFile {
public:
  counted_file(leveldb::WritableFile* file, std::uint64_t& size)
    : file_{file}, size_{size} {
    size_ = 0;
  }

  /// LevelDB drops a full log before it writes to the next one. What was not
  /// yet synced is synced now: a power failure must never keep later changes
  /// and lose earlier ones.
  ~counted_file() override { file_->Sync(); }

  leveldb::Status Append(const leveldb::Slice& bytes) override {
    auto status = file_->Append(bytes);
    if (status.ok())
      size_ += bytes.size();
    return status;
  }
  leveldb::Status Close() override { return file_->Close(); }
  leveldb::Status Flush() override { return file_->Flush(); }
  leveldb::Status Sync() override { return file_->Sync(); }

private:
  std::unique_ptr<leveldb::WritableFile> file_;
  std::uint64_t& size_;
};

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
        return leveldb::Status::IOError(path_, std::strerror(errno));
    }
    *result = leveldb::Slice{scratch, done};
    return leveldb::Status::OK();
  }

private:
  std::string path_;
  int file_;
};

/// Makes the name of a new log durable; LevelDB syncs only its contents.
leveldb::Status sync_folder_of(const std::string& path) {
  const auto folder = std::filesystem::path{path}.parent_path();
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = file >= 0 && ::fsync(file) == 0;
  const int reason = errno;
  if (file >= 0)
    ::close(file);
  if (synced)
    return leveldb::Status::OK();
  return leveldb::Status::IOError(folder.string(), std::strerror(reason));
}

} // namespace

store_env::store_env() : EnvWrapper{leveldb::Env::Default()} {
}

leveldb::Status
store_env::NewRandomAccessFile(const std::string& path,
                               leveldb::RandomAccessFile** file) {
  const int opened = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (opened < 0)
    return leveldb::Status::IOError(path, std::strerror(errno));
  *file = new table_file{path, opened};
  return leveldb::Status::OK();
}

leveldb::Status store_env::NewWritableFile(const std::string& path,
                                           leveldb::WritableFile** file) {
  auto status = EnvWrapper::NewWritableFile(path, file);
  if (!status.ok() || !std::string_view{path}.ends_with(".log"))
    return status;
  // Logs are made by the thread that writes, one after the other, so the
  // older one's count is never touched again.
  current_.path = path;
  *file = new counted_file{*file, current_.size};
  return sync_folder_of(path);
}

void store_env::mark() {
  marked_ = current_;
}

error store_env::rewind() const {
  if (current_.path.empty())
    return {};
  const auto size = current_.path == marked_.path ? marked_.size : 0;
  if (::truncate(current_.path.c_str(), static_cast<off_t>(size)) == 0
      || errno == ENOENT)
    return {};
  return {errc::storage_failure,
          "cannot cut back " + current_.path + ": " + std::strerror(errno),
          errno};
}

} // namespace provision
