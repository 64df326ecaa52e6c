#include "persistence/leveldb/store_env.hpp"

#include <filesystem>
#include <memory>
#include <string_view>

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

} // namespace

store_env::store_env(store_disk& disk) : EnvWrapper{&disk.env()}, disk_{disk} {
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

leveldb::Status store_env::RenameFile(const std::string& from,
                                      const std::string& to) {
  auto status = EnvWrapper::RenameFile(from, to);
  return status.ok() ? sync_folder_of(to) : status;
}

leveldb::Status store_env::sync_folder_of(const std::string& path) {
  return disk_.sync_folder(std::filesystem::path{path}.parent_path().string());
}

void store_env::mark() {
  marked_ = current_;
}

error store_env::rewind() const {
  if (current_.path.empty())
    return {};
  const auto size = current_.path == marked_.path ? marked_.size : 0;
  const auto status = disk_.cut(current_.path, size);
  if (status.ok())
    return {};
  return {errc::storage_failure,
          "cannot cut back " + current_.path + ": " + status.ToString()};
}

} // namespace provision
