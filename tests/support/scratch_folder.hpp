#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

namespace provision::test {

/// A fresh folder, removed at the end.
class scratch_folder {
public:
  scratch_folder() {
    auto pattern
      = (std::filesystem::temp_directory_path() / "provision-test-XXXXXX")
          .string();
    path_ = ::mkdtemp(pattern.data());
  }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  ~scratch_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
    // A back-end whose folder it was has its lock beside it.
    std::filesystem::remove(path_ + ".lock", ignored);
  }

  const std::string& path() const noexcept { return path_; }

private:
  std::string path_;
};

} // namespace provision::test
