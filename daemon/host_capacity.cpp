#include "daemon/host_capacity.hpp"

#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

#include "messages/byte_units.hpp"

namespace provision {

namespace {

std::uint64_t total_memory() {
  auto pages = ::sysconf(_SC_PHYS_PAGES);
  auto size = ::sysconf(_SC_PAGESIZE);
  return pages > 0 && size > 0 ? static_cast<std::uint64_t>(pages)
                                   * static_cast<std::uint64_t>(size)
                               : 0;
}

expected<std::uint64_t> disk_size(const std::string& folder) {
  struct statvfs facts {};
  if (::statvfs(folder.c_str(), &facts) != 0)
    return fail(
      errc::backend_failure,
      folder + ": its file system cannot be measured: " + std::strerror(errno),
      errno);
  return std::uint64_t{facts.f_blocks} * facts.f_frsize;
}

} // namespace

std::uint64_t memory_to_lend(std::uint64_t total, std::uint64_t reserved) {
  const auto whole = total / gib + (total % gib == 0 ? 0 : 1);
  // A node smaller than its own reserve lends nothing; it does not wrap.
  return whole * gib > reserved ? whole * gib - reserved : 0;
}

expected<statser_limits> host_capacity(const config::capacity_settings& wanted,
                                       const std::string& pool,
                                       workloads::disk_type kind) {
  statser_limits limits;
  auto reserved = wanted.reserved_memory * gib;
  auto memory = wanted.mru > 0 ? wanted.mru * gib : total_memory();
  limits.capacity.cru
    = wanted.cru > 0 ? wanted.cru : std::thread::hardware_concurrency();
  limits.capacity.mru = memory_to_lend(memory, reserved);
  limits.capacity.hru = wanted.hru * gib;
  limits.capacity.sru = wanted.sru * gib;
  auto& of_pool = kind == workloads::disk_type::hdd ? limits.capacity.hru
                                                    : limits.capacity.sru;
  if (of_pool == 0) {
    auto size = disk_size(pool);
    if (!size)
      return fail(size.error());
    of_pool = *size;
  }
  limits.overhead.mru = reserved;
  return limits;
}

} // namespace provision
