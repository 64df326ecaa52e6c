#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "messages/error.hpp"

namespace provision {

/// Remembers which reservation is at a provisioner right now, so that the next
/// start can tell what the daemon died over. It is one page of memory that the
/// kernel writes to the file `in_flight` in its own time: setting it costs no
/// system call, it survives any death of the process, and not a power failure
/// (which is nobody's fault). Used by one thread.
class in_flight_mark {
public:
  /// Longer ids are not remembered; see is_safe_id for the limit of ids.
  static constexpr std::size_t id_bytes_max = 512;

  /// A mark that lives as long as the object.
  in_flight_mark();

  /// The mark in `folder`; a new one is empty. errc::disk_full or
  /// errc::storage_failure naming the file.
  static expected<in_flight_mark> open(const std::string& folder);

  in_flight_mark(in_flight_mark&&) noexcept = default;
  in_flight_mark& operator=(in_flight_mark&&) noexcept = default;
  ~in_flight_mark() = default;

  void set(std::string_view id) noexcept;
  void clear() noexcept;

  /// The id that was set last; empty if it was cleared, or torn by a death in
  /// the middle of set.
  std::string read() const;

private:
  struct page;
  using page_ptr = std::unique_ptr<page, void (*)(page*)>;

  explicit in_flight_mark(page_ptr where) : page_{std::move(where)} {}

  page_ptr page_;
};

} // namespace provision
