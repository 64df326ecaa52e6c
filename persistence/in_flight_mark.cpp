#include "persistence/in_flight_mark.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "persistence/crc32c.hpp"

namespace provision {

/// The page's layout. `check` covers size and id; a page of zeros is an empty
/// mark, because an empty mark is recognised by its size.
struct in_flight_mark::page {
  std::uint32_t check;
  std::uint32_t size;
  std::array<char, id_bytes_max> id;
};

namespace {

constexpr std::size_t page_bytes = 4096;

std::uint32_t checksum(std::uint32_t size, std::string_view id) noexcept {
  std::array<char, sizeof size> head{};
  std::memcpy(head.data(), &size, sizeof size);
  return crc32c(id, crc32c({head.data(), head.size()}));
}

error failure(const std::string& path, int reason) {
  const auto code = reason == ENOSPC || reason == EDQUOT
                      ? errc::disk_full
                      : errc::storage_failure;
  const auto* remedy = code == errc::disk_full ? "; make room on its disk" : "";
  return {code, "cannot map " + path + ": " + std::strerror(reason) + remedy,
          reason};
}

} // namespace

in_flight_mark::in_flight_mark()
  : page_{new page{}, [](page* memory) { delete memory; }} {
  static_assert(sizeof(page) <= page_bytes);
}

expected<in_flight_mark> in_flight_mark::open(const std::string& folder) {
  const auto path = folder + "/in_flight";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0)
    return fail(failure(path, errno));
  // The blocks are taken now: a full disk must not become a signal later.
  int reason = ::posix_fallocate(file, 0, page_bytes);
  void* memory = MAP_FAILED;
  if (reason == 0) {
    memory = ::mmap(nullptr, page_bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
                    file, 0);
    reason = errno;
  }
  ::close(file);
  if (memory == MAP_FAILED)
    return fail(failure(path, reason));
  return in_flight_mark{page_ptr{static_cast<page*>(memory), [](page* mapped) {
                                   ::munmap(mapped, page_bytes);
                                 }}};
}

void in_flight_mark::set(std::string_view id) noexcept {
  clear();
  if (id.size() > id_bytes_max)
    return;
  std::memcpy(page_->id.data(), id.data(), id.size());
  page_->check = checksum(static_cast<std::uint32_t>(id.size()), id);
  // Death may come between any two stores; the size makes the mark valid, so
  // the compiler must leave it last.
  std::atomic_signal_fence(std::memory_order_release);
  page_->size = static_cast<std::uint32_t>(id.size());
}

void in_flight_mark::clear() noexcept {
  page_->size = 0;
  std::atomic_signal_fence(std::memory_order_release);
}

std::string in_flight_mark::read() const {
  const auto size = page_->size;
  if (size == 0 || size > id_bytes_max)
    return {};
  std::string id{page_->id.data(), size};
  return checksum(size, id) == page_->check ? id : std::string{};
}

} // namespace provision
