#pragma once

#include <string>
#include <string_view>

#include <leveldb/slice.h>
#include <leveldb/status.h>

#include "messages/error.hpp"

/// The one place where LevelDB's words become ours.
namespace provision {

/// errc::disk_full, errc::storage_corrupt or errc::storage_failure, with
/// `where` and LevelDB's text; nothing if all is well.
error to_error(const leveldb::Status& status, std::string_view where);

inline leveldb::Slice to_slice(std::string_view text) noexcept {
  return {text.data(), text.size()};
}

inline std::string_view to_view(const leveldb::Slice& slice) noexcept {
  return {slice.data(), slice.size()};
}

} // namespace provision
