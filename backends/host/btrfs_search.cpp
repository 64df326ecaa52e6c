#include "backends/host/btrfs_search.hpp"

#include <cerrno>
#include <cstring>
#include <functional>

#include <endian.h>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <sys/ioctl.h>

#include "backends/host/btrfs_calls.hpp"

namespace provision::btrfs {

namespace {

/// Items of one object and type in one of the file system's trees.
struct search {
  std::uint64_t tree = 0;
  std::uint64_t object = 0;
  std::uint32_t type = 0;
  std::uint64_t offset_min = 0;
  std::uint64_t offset_max = ~std::uint64_t{0};
};

/// An item's key offset and content.
using visitor = std::function<void(std::uint64_t offset, const char* data,
                                   std::size_t size)>;

/// Visits every item found. ENOENT (in `detail`) if there is no such tree.
error for_each_item(const folder& place, search what, const visitor& visit) {
  btrfs_ioctl_search_args arguments = {};
  auto& key = arguments.key;
  for (;;) {
    key = {};
    key.tree_id = what.tree;
    key.min_objectid = key.max_objectid = what.object;
    key.min_type = key.max_type = what.type;
    key.min_offset = what.offset_min;
    key.max_offset = what.offset_max;
    key.max_transid = ~std::uint64_t{0};
    key.nr_items = 4096;
    if (::ioctl(place.number(), BTRFS_IOC_TREE_SEARCH, &arguments) < 0)
      return last_system_error("search btrfs tree "
                               + std::to_string(what.tree));
    const auto* at = arguments.buf;
    btrfs_ioctl_search_header head = {};
    for (std::uint32_t i = 0; i < key.nr_items; ++i) {
      std::memcpy(&head, at, sizeof head);
      at += sizeof head;
      visit(head.offset, at, head.len);
      at += head.len;
    }
    if (key.nr_items == 0 || head.offset >= what.offset_max)
      return {};
    what.offset_min = head.offset + 1;
  }
}

/// First item with this key, if any: its content as a T.
template <class T>
expected<std::optional<T>> find_item(const folder& place, const search& what) {
  std::optional<T> result;
  auto err = for_each_item(
    place, what, [&](std::uint64_t, const char* data, std::size_t size) {
      if (result || size < sizeof(T))
        return;
      std::memcpy(&result.emplace(), data, sizeof(T));
    });
  if (err)
    return fail(err);
  return result;
}

expected<std::vector<std::uint64_t>> offsets(const folder& place,
                                             const search& what) {
  std::vector<std::uint64_t> result;
  auto err = for_each_item(place, what,
                           [&](std::uint64_t offset, const char*, std::size_t) {
                             result.push_back(offset);
                           });
  if (err)
    return fail(err);
  return result;
}

} // namespace

expected<std::vector<std::uint64_t>>
nested_subvolumes(const folder& place, std::uint64_t subvolume) {
  return offsets(place, {.tree = BTRFS_ROOT_TREE_OBJECTID,
                         .object = subvolume,
                         .type = BTRFS_ROOT_REF_KEY});
}

expected<bool> subvolume_exists(const folder& place, std::uint64_t subvolume) {
  auto found = offsets(place, {.tree = BTRFS_ROOT_TREE_OBJECTID,
                               .object = subvolume,
                               .type = BTRFS_ROOT_ITEM_KEY});
  if (!found)
    return fail(found.error());
  return !found->empty();
}

expected<std::optional<group_facts>> find_group(const folder& place,
                                                std::uint64_t group) {
  search what{.tree = BTRFS_QUOTA_TREE_OBJECTID,
              .object = 0,
              .type = BTRFS_QGROUP_INFO_KEY,
              .offset_min = group,
              .offset_max = group};
  const auto figures = find_item<btrfs_qgroup_info_item>(place, what);
  if (!figures)
    return fail(figures.error());
  if (!*figures)
    return std::optional<group_facts>{};
  what.type = BTRFS_QGROUP_LIMIT_KEY;
  const auto limit = find_item<btrfs_qgroup_limit_item>(place, what);
  if (!limit)
    return fail(limit.error());
  group_facts result;
  result.used_bytes = le64toh((*figures)->rfer);
  if (*limit && (le64toh((*limit)->flags) & BTRFS_QGROUP_LIMIT_MAX_RFER) != 0)
    result.limit_bytes = le64toh((*limit)->max_rfer);
  return std::optional{result};
}

expected<std::vector<std::uint64_t>> members(const folder& place,
                                             std::uint64_t group) {
  return offsets(place, {.tree = BTRFS_QUOTA_TREE_OBJECTID,
                         .object = group,
                         .type = BTRFS_QGROUP_RELATION_KEY});
}

} // namespace provision::btrfs
