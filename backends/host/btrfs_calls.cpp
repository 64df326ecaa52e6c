#include "backends/host/btrfs_calls.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/vfs.h>

#include "backends/host/btrfs_search.hpp"

namespace provision::btrfs {

namespace {

/// BTRFS_QUOTA_CTL_ENABLE_SIMPLE_QUOTA, which older headers lack.
constexpr std::uint64_t enable_simple = 4;

/// Name of the folder in /sys/fs/btrfs: the file system's UUID.
expected<std::string> file_system_id(const folder& place) {
  btrfs_ioctl_fs_info_args facts = {};
  if (::ioctl(place.number(), BTRFS_IOC_FS_INFO, &facts) < 0)
    return fail(last_system_error("file system of " + place.path()));
  std::string result;
  for (std::size_t i = 0; i < sizeof facts.fsid; ++i) {
    std::array<char, 3> digits{};
    std::snprintf(digits.data(), digits.size(), "%02x", facts.fsid[i]);
    if (i == 4 || i == 6 || i == 8 || i == 10)
      result += '-';
    result += digits.data();
  }
  return result;
}

error set_quotas(const folder& place, std::uint64_t how) {
  btrfs_ioctl_quota_ctl_args arguments = {};
  arguments.cmd = how;
  if (::ioctl(place.number(), BTRFS_IOC_QUOTA_CTL, &arguments) < 0)
    return last_system_error("enable quotas on " + place.path());
  return {};
}

error change_group(const folder& place, std::uint64_t group, bool create) {
  btrfs_ioctl_qgroup_create_args arguments = {};
  arguments.create = create ? 1 : 0;
  arguments.qgroupid = group;
  if (::ioctl(place.number(), BTRFS_IOC_QGROUP_CREATE, &arguments) < 0)
    return last_system_error((create ? "create" : "remove")
                             + std::string{" quota group "}
                             + std::to_string(group));
  return {};
}

error change_membership(const folder& place, std::uint64_t subvolume,
                        std::uint64_t group, bool join) {
  btrfs_ioctl_qgroup_assign_args arguments = {};
  arguments.assign = join ? 1 : 0;
  arguments.src = subvolume;
  arguments.dst = group;
  // 1 asks for a rescan, which only figures of the past need.
  if (::ioctl(place.number(), BTRFS_IOC_QGROUP_ASSIGN, &arguments) < 0)
    return last_system_error("change quota group of subvolume "
                             + std::to_string(subvolume));
  return {};
}

/// Opens the top folder of a subvolume by number alone: below a volume every
/// name is the customer's.
file_descriptor open_top(const folder& place, std::uint64_t subvolume) {
  // objectid, root, generation (0: any); see the kernel's struct btrfs_fid.
  constexpr std::size_t body_bytes = 20;
  constexpr int type_without_parent = 0x4d;
  alignas(file_handle)
    std::array<unsigned char, sizeof(file_handle) + body_bytes>
      room{};
  auto* handle = reinterpret_cast<file_handle*>(room.data());
  handle->handle_bytes = body_bytes;
  handle->handle_type = type_without_parent;
  const std::uint64_t top = BTRFS_FIRST_FREE_OBJECTID;
  auto* body = room.data() + sizeof(file_handle);
  std::memcpy(body, &top, sizeof top);
  std::memcpy(body + sizeof top, &subvolume, sizeof subvolume);
  return file_descriptor{::open_by_handle_at(
    place.number(), handle, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
}

/// A customer may have made a nested subvolume read-only; what is below it
/// could not be removed then.
error make_writable(const folder& place, std::uint64_t subvolume) {
  const auto top = open_top(place, subvolume);
  std::uint64_t flags = 0;
  if (!top || ::ioctl(top.number(), BTRFS_IOC_SUBVOL_GETFLAGS, &flags) < 0)
    return last_system_error("open subvolume " + std::to_string(subvolume));
  if ((flags & BTRFS_SUBVOL_RDONLY) == 0)
    return {};
  flags &= ~std::uint64_t{BTRFS_SUBVOL_RDONLY};
  if (::ioctl(top.number(), BTRFS_IOC_SUBVOL_SETFLAGS, &flags) < 0)
    return last_system_error("make subvolume " + std::to_string(subvolume)
                             + " writable");
  return {};
}

error remove_one(const folder& place, std::uint64_t subvolume) {
  btrfs_ioctl_vol_args_v2 arguments = {};
  arguments.flags = BTRFS_SUBVOL_SPEC_BY_ID;
  arguments.subvolid = subvolume;
  if (::ioctl(place.number(), BTRFS_IOC_SNAP_DESTROY_V2, &arguments) < 0
      && errno != ENOENT)
    return last_system_error("remove subvolume " + std::to_string(subvolume));
  return {};
}

} // namespace

bool is_btrfs(const folder& place) {
  struct statfs facts = {};
  return ::fstatfs(place.number(), &facts) == 0
         && facts.f_type == static_cast<long>(BTRFS_SUPER_MAGIC);
}

expected<quota_mode> enable_quotas(const folder& place, quota_mode wanted) {
  auto id = file_system_id(place);
  if (!id)
    return fail(id.error());
  auto mode = quota_mode::simple;
  if (wanted == quota_mode::classic || set_quotas(place, enable_simple)) {
    mode = quota_mode::classic;
    if (auto err = set_quotas(place, BTRFS_QUOTA_CTL_ENABLE))
      return fail(err);
  }
  // Neither call changes the kind that is on already.
  const auto is_on = read_whole("/sys/fs/btrfs/" + *id + "/qgroups/mode");
  if (is_on)
    mode
      = is_on->starts_with("squota") ? quota_mode::simple : quota_mode::classic;
  return mode;
}

error create_group(const folder& place, std::uint64_t group) {
  auto err = change_group(place, group, true);
  return err.detail == EEXIST ? error{} : err;
}

error remove_group(const folder& place, std::uint64_t group) {
  auto err = change_group(place, group, false);
  return err.detail == ENOENT ? error{} : err;
}

error limit_group(const folder& place, std::uint64_t group,
                  std::uint64_t bytes) {
  btrfs_ioctl_qgroup_limit_args arguments = {};
  arguments.qgroupid = group;
  arguments.lim.flags = BTRFS_QGROUP_LIMIT_MAX_RFER;
  arguments.lim.max_rfer = bytes;
  if (::ioctl(place.number(), BTRFS_IOC_QGROUP_LIMIT, &arguments) < 0)
    return last_system_error("limit quota group " + std::to_string(group));
  return {};
}

error join_group(const folder& place, std::uint64_t subvolume,
                 std::uint64_t group) {
  auto err = change_membership(place, subvolume, group, true);
  return err.detail == EEXIST ? error{} : err;
}

error leave_group(const folder& place, std::uint64_t subvolume,
                  std::uint64_t group) {
  auto err = change_membership(place, subvolume, group, false);
  return err.detail == ENOENT ? error{} : err;
}

error create_subvolume(const folder& parent, const std::string& name,
                       std::uint64_t group) {
  // The list of groups follows the struct directly.
  alignas(btrfs_qgroup_inherit)
    std::array<unsigned char, sizeof(btrfs_qgroup_inherit) + sizeof group>
      room{};
  auto* inherit = reinterpret_cast<btrfs_qgroup_inherit*>(room.data());
  inherit->num_qgroups = 1;
  std::memcpy(room.data() + sizeof *inherit, &group, sizeof group);
  btrfs_ioctl_vol_args_v2 arguments = {};
  arguments.flags = BTRFS_SUBVOL_QGROUP_INHERIT;
  arguments.size = room.size();
  arguments.qgroup_inherit = inherit;
  if (name.size() > BTRFS_SUBVOL_NAME_MAX)
    return {errc::backend_failure, "name " + name + " is too long"};
  std::memcpy(arguments.name, name.data(), name.size());
  if (::ioctl(parent.number(), BTRFS_IOC_SUBVOL_CREATE_V2, &arguments) < 0)
    return last_system_error("create subvolume " + parent.path(name));
  return {};
}

expected<std::uint64_t> subvolume_number(const folder& top) {
  btrfs_ioctl_ino_lookup_args arguments = {};
  arguments.objectid = BTRFS_FIRST_FREE_OBJECTID;
  if (::ioctl(top.number(), BTRFS_IOC_INO_LOOKUP, &arguments) < 0)
    return fail(last_system_error("number of subvolume " + top.path()));
  return arguments.treeid;
}

expected<std::vector<std::uint64_t>> subtree(const folder& place,
                                             std::uint64_t subvolume) {
  // No recursion, because the customer decides how deep it goes.
  std::vector<std::uint64_t> order{subvolume};
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto below = nested_subvolumes(place, order[i]);
    if (!below)
      return fail(below.error());
    order.insert(order.end(), below->begin(), below->end());
  }
  return order;
}

error remove_subvolume(const folder& place, std::uint64_t subvolume) {
  const auto order = subtree(place, subvolume);
  if (!order)
    return order.error();
  // One alone has nothing below it that could not be removed.
  if (order->size() > 1)
    for (const auto one : *order)
      if (auto err = make_writable(place, one))
        return err;
  for (auto next = order->rbegin(); next != order->rend(); ++next)
    if (auto err = remove_one(place, *next))
      return err;
  return {};
}

error commit(const folder& place) {
  std::uint64_t transaction = 0;
  if (::ioctl(place.number(), BTRFS_IOC_START_SYNC, &transaction) < 0
      || ::ioctl(place.number(), BTRFS_IOC_WAIT_SYNC, &transaction) < 0)
    return last_system_error("commit " + place.path());
  return {};
}

error flush(const folder& place) {
  if (::ioctl(place.number(), BTRFS_IOC_SYNC) < 0)
    return last_system_error("sync " + place.path());
  return {};
}

} // namespace provision::btrfs
