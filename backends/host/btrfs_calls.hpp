#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "backends/host/folder.hpp"

/// The kernel's btrfs calls, one function each. All take an open folder of the
/// file system; none needs btrfs-progs.
namespace provision::btrfs {

enum class quota_mode : std::uint8_t {
  /// Extents are charged to the subvolume that wrote them; nested subvolumes
  /// join the group of their parent. Kernel 6.7 and later.
  simple,
  /// Nested subvolumes belong to no group and escape the limit.
  classic,
};

/// Whether the folder is on btrfs.
bool is_btrfs(const folder& place);

/// Turns quotas on if they are off and says which kind is on; `wanted` is what
/// is tried first. A kind that is on already stays.
expected<quota_mode> enable_quotas(const folder& place, quota_mode wanted);

/// A quota group's figures, as of the last commit.
struct group_facts {
  std::uint64_t used_bytes = 0;
  /// 0: no limit.
  std::uint64_t limit_bytes = 0;
};

/// Nothing if there is no such group.
expected<std::optional<group_facts>> find_group(const folder& place,
                                                std::uint64_t group);
/// There already is a success.
error create_group(const folder& place, std::uint64_t group);
error limit_group(const folder& place, std::uint64_t group,
                  std::uint64_t bytes);
/// Absent is a success. EBUSY (in `detail`) until the cleaner has finished
/// with what was in it.
error remove_group(const folder& place, std::uint64_t group);
/// Subvolume numbers that belong to the group.
expected<std::vector<std::uint64_t>> members(const folder& place,
                                             std::uint64_t group);
error join_group(const folder& place, std::uint64_t subvolume,
                 std::uint64_t group);
error leave_group(const folder& place, std::uint64_t subvolume,
                  std::uint64_t group);

/// Makes a subvolume that is in `group` from the start.
error create_subvolume(const folder& parent, const std::string& name,
                       std::uint64_t group);
/// Number of the subvolume whose top folder this is.
expected<std::uint64_t> subvolume_number(const folder& top);
/// Whether a subvolume with this number is still there.
expected<bool> subvolume_exists(const folder& place, std::uint64_t subvolume);
/// A subvolume and those below it, each before those below itself.
expected<std::vector<std::uint64_t>> subtree(const folder& place,
                                             std::uint64_t subvolume);
/// Removes a subvolume and those below it, read-only ones too.
error remove_subvolume(const folder& place, std::uint64_t subvolume);

/// Makes every change of structure so far durable.
error commit(const folder& place);
/// The same with all data, so that figures are exact.
error flush(const folder& place);

} // namespace provision::btrfs
