#include "persistence/leveldb/rewindable_env.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string_view>

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

rewindable_env::rewindable_env() : EnvWrapper{leveldb::Env::Default()} {
}

leveldb::Status rewindable_env::NewWritableFile(const std::string& path,
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

void rewindable_env::mark() {
  marked_ = current_;
}

error rewindable_env::rewind() const {
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
