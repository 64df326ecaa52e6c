#include "persistence/leveldb/status.hpp"

#include <cerrno>
#include <utility>

namespace provision {

error to_error(const leveldb::Status& status, std::string_view where) {
  if (status.ok())
    return {};
  const auto text = status.ToString();
  const auto says = [&](std::string_view words) {
    return text.find(words) != std::string::npos;
  };
  auto message = "store " + std::string{where} + ": " + text;
  // LevelDB keeps no errno; its texts are strerror's.
  const auto full = [&](int number) {
    return error{errc::disk_full, message + "; make room on its disk", number};
  };
  if (says("No space left"))
    return full(ENOSPC);
  if (says("Disk quota exceeded"))
    return full(EDQUOT);
  if (status.IsCorruption())
    return {errc::storage_corrupt, std::move(message)};
  return {errc::storage_failure, std::move(message)};
}

} // namespace provision
