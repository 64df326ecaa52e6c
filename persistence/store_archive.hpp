#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>

#include "messages/error.hpp"

/// A whole store in one file, and back. The file begins with
/// "provisiond state 1\n"; then each row as number of bytes and key, number of
/// bytes and value (numbers are LEB128), then a key of no bytes, the number of
/// rows, and 32 bytes that all rows before are hashed into, one by one.
namespace provision {

struct archived_store {
  std::string node_id = {};
  std::uint64_t rows = 0;
};

/// Writes the store of a stopped node. errc::storage_locked names the process
/// that uses it; errc::storage_corrupt, errc::storage_failure.
expected<archived_store> write_archive(const std::string& folder,
                                       std::ostream& out);

/// Makes the store anew in `folder`, which must not exist or be empty. It is
/// there in the end as a whole, checked as fsck does, or not at all:
/// errc::malformed_input for a file that is cut off or was changed,
/// errc::already_exists, errc::storage_corrupt, errc::storage_failure.
expected<archived_store> read_archive(std::istream& in,
                                      const std::string& folder);

} // namespace provision
