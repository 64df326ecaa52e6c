#include "backends/host/btrfs_volume_backend.hpp"

#include <algorithm>
#include <cerrno>

#include "backends/host/btrfs_pool.hpp"
#include "messages/reservation.hpp"

namespace provision {

namespace {

/// The top folder of every subvolume has this inode.
constexpr std::uint64_t top_inode = 256;

/// What the kernel sets aside for some removals, and more.
constexpr std::uint64_t removal_bytes = 64U << 20U;

/// Level 1; below it 40 bits of reservation, 8 bits of workload.
expected<std::uint64_t> group_of(std::string_view id) {
  if (!is_safe_id(id))
    return fail(errc::invalid_reservation, "volume id is not usable");
  const auto numbers = split_reservation_id(id);
  // One text per number, or two names would share a group.
  if (!numbers || numbers->reservation >> 40U != 0 || numbers->workload > 255
      || id
           != std::to_string(numbers->reservation) + '-'
                + std::to_string(numbers->workload))
    return fail(errc::invalid_reservation,
                "volume id " + std::string{id}
                  + " has no quota group: a reservation number below 2^40 and "
                    "a workload number below 256 are needed");
  return std::uint64_t{1} << 48U | numbers->reservation << 8U
         | numbers->workload;
}

volume_facts unknown(std::string reason) {
  return {.state = presence::unknown, .reason = std::move(reason)};
}

volume_facts partial(std::string reason) {
  return {.state = presence::partial, .reason = std::move(reason)};
}

bool is_foreign(const entry& found) {
  return found.exists
         && (!found.is_folder || found.is_mount || found.inode != top_inode);
}

expected<bool> is_member(const folder& volume, std::uint64_t group) {
  const auto number = btrfs::subvolume_number(volume);
  if (!number)
    return fail(number.error());
  const auto members = btrfs::members(volume, group);
  if (!members)
    return fail(members.error());
  return std::find(members->begin(), members->end(), *number) != members->end();
}

} // namespace

expected<std::unique_ptr<btrfs_volume_backend>>
btrfs_volume_backend::open(btrfs_pool settings) {
  auto pool = open_btrfs_pool(settings);
  if (!pool)
    return fail(pool.error());
  if (auto err = pass(settings.before_step, "enable quotas"))
    return fail(err);
  const auto quotas = btrfs::enable_quotas(*pool, settings.quotas);
  if (!quotas)
    return fail(quotas.error());
  auto volumes = pool->make_child("vol");
  if (!volumes)
    return fail(volumes.error());
  auto removing = pool->make_child("removing");
  if (!removing)
    return fail(removing.error());
  std::unique_ptr<btrfs_volume_backend> result{new btrfs_volume_backend};
  result->pool_ = std::move(*pool);
  result->volumes_ = std::move(*volumes);
  result->removing_ = std::move(*removing);
  result->quotas_ = *quotas;
  result->before_step_ = std::move(settings.before_step);
  result->collect();
  return result;
}

volume_ability btrfs_volume_backend::ability() const {
  volume_ability result{.technique = "btrfs", .enforced = true};
  if (quotas_ == btrfs::quota_mode::classic)
    result.reason = "this file system has classic quotas: what a workload "
                    "writes into nested subvolumes of its volume is not "
                    "limited, so containers may make none; simple quotas need "
                    "Linux 6.7 and quotas off";
  return result;
}

volume_facts btrfs_volume_backend::inspect(std::string_view id) {
  const auto group = group_of(id);
  if (!group)
    return unknown(group.error().message);
  const std::string name{id};
  const auto found = volumes_.look(name);
  const auto facts = btrfs::find_group(pool_, *group);
  const auto mark = removing_.look(name);
  if (!found || !facts || !mark)
    return unknown(!found   ? found.error().message
                   : !facts ? facts.error().message
                            : mark.error().message);
  if (is_foreign(*found))
    return unknown(volumes_.path(name) + " is not a volume of this node");
  if (!found->exists) {
    // The group of a removed volume lingers until the cleaner is done.
    const auto gone = !facts->has_value() || mark->exists;
    return gone ? volume_facts{} : partial("quota group without subvolume");
  }
  if (!facts->has_value() || (*facts)->limit_bytes == 0)
    return partial("subvolume without limit");
  const auto volume = volumes_.child(name);
  if (!volume)
    return unknown(volume.error().message);
  const auto member = is_member(*volume, *group);
  if (!member)
    return unknown(member.error().message);
  if (!*member)
    return partial("subvolume outside its quota group");
  return {.state = presence::present,
          .path = volumes_.path(name),
          .limit_bytes = (*facts)->limit_bytes,
          .used_bytes = (*facts)->used_bytes};
}

expected<std::string> btrfs_volume_backend::ensure(std::string_view id,
                                                   std::uint64_t limit_bytes) {
  const auto group = group_of(id);
  if (!group)
    return fail(group.error());
  if (limit_bytes == 0)
    return fail(errc::invalid_reservation,
                "volume " + std::string{id} + ": no size asked");
  collect();
  const std::string name{id};
  if (auto err = check_before_change(name, *group, limit_bytes))
    return fail(err);
  if (auto err = converge(name, *group, limit_bytes))
    return fail(err);
  return volumes_.path(name);
}

/// Nothing foreign in the way, and room for what is there already.
error btrfs_volume_backend::check_before_change(const std::string& name,
                                                std::uint64_t group,
                                                std::uint64_t limit_bytes) {
  const auto facts = inspect(name);
  if (facts.state == presence::unknown)
    return {errc::backend_failure, "volume " + name + ": " + facts.reason};
  if (facts.state == presence::present) {
    if (limit_bytes >= facts.limit_bytes)
      return {};
    if (auto err = btrfs::flush(pool_))
      return err;
    const auto used = inspect(name).used_bytes;
    if (limit_bytes < used)
      return {errc::invalid_reservation,
              "volume " + name + ": " + std::to_string(limit_bytes)
                + " bytes asked, " + std::to_string(used) + " in use"};
    return {};
  }
  const auto found = volumes_.look(name);
  const auto mark = removing_.look(name);
  if (!found || found->exists || !mark || mark->exists)
    return {};
  // On a file system that is not ours alone the group may have an owner.
  const auto members = btrfs::members(pool_, group);
  if (!members)
    return members.error();
  if (!members->empty())
    return {errc::backend_failure,
            "volume " + name + ": its quota group has other members"};
  return {};
}

/// The limit comes before the subvolume, so that no volume is ever unlimited.
error btrfs_volume_backend::converge(const std::string& name,
                                     std::uint64_t group,
                                     std::uint64_t limit_bytes) {
  if (auto err = pass(before_step_, "create group"))
    return err;
  if (auto err = btrfs::create_group(pool_, group))
    return err;
  if (auto err = pass(before_step_, "limit group"))
    return err;
  if (auto err = btrfs::limit_group(pool_, group, limit_bytes))
    return err;
  const auto found = volumes_.look(name);
  if (!found)
    return found.error();
  if (auto err = pass(before_step_, "create subvolume"))
    return err;
  auto err = found->exists ? ensure_membership(name, group)
                           : btrfs::create_subvolume(volumes_, name, group);
  if (err)
    return err;
  if (auto stop = pass(before_step_, "unmark"))
    return stop;
  if (auto failed = removing_.remove_file(name))
    return failed;
  if (auto stop = pass(before_step_, "commit"))
    return stop;
  // An uncommitted subvolume would not survive a loss of power.
  return btrfs::commit(pool_);
}

/// The volume and what is nested in it. The kernel puts a nested one there by
/// itself, unless its maker asked for something else; containers cannot ask
/// (seccomp_rules()), and what slipped by is taken in here. With classic quotas
/// that would ask for a scan of the whole pool.
error btrfs_volume_backend::ensure_membership(const std::string& name,
                                              std::uint64_t group) {
  const auto volume = volumes_.child(name);
  if (!volume)
    return volume.error();
  const auto number = btrfs::subvolume_number(*volume);
  if (!number)
    return number.error();
  const auto members = btrfs::members(pool_, group);
  if (!members)
    return members.error();
  auto wanted = expected<std::vector<std::uint64_t>>{{*number}};
  if (quotas_ == btrfs::quota_mode::simple)
    wanted = btrfs::subtree(pool_, *number);
  if (!wanted)
    return wanted.error();
  for (const auto one : *wanted)
    if (std::ranges::find(*members, one) == members->end())
      if (auto err = btrfs::join_group(pool_, one, group))
        return err;
  return {};
}

error btrfs_volume_backend::destroy(std::string_view id) {
  const auto group = group_of(id);
  if (!group)
    return group.error();
  collect();
  const std::string name{id};
  const auto facts = inspect(name);
  if (facts.state == presence::unknown)
    return {errc::backend_failure, "volume " + name + ": " + facts.reason};
  if (facts.state == presence::absent)
    return btrfs::commit(pool_);
  if (auto err = remove_volume(name))
    return err;
  if (auto err = remove_group(name, *group))
    return err;
  if (auto err = pass(before_step_, "commit"))
    return err;
  return btrfs::commit(pool_);
}

error btrfs_volume_backend::remove_volume(const std::string& name) {
  // First the mark: without the subvolume nothing else says that the group
  // is a remainder and not the beginning of a volume.
  if (auto err = pass(before_step_, "mark"))
    return err;
  if (auto err = removing_.make_file(name))
    return err;
  const auto found = volumes_.look(name);
  if (!found)
    return found.error();
  if (!found->exists)
    return {};
  const auto volume = volumes_.child(name);
  if (!volume)
    return volume.error();
  const auto number = btrfs::subvolume_number(*volume);
  if (!number)
    return number.error();
  if (auto err = pass(before_step_, "remove subvolume"))
    return err;
  auto err = btrfs::remove_subvolume(pool_, *number);
  if (err.detail != EDQUOT)
    return err;
  // To remove what is nested in a full volume takes room in that volume.
  if (auto failed = widen(name))
    return failed;
  return btrfs::remove_subvolume(pool_, *number);
}

/// Gives a volume that is being removed some room beyond its limit.
error btrfs_volume_backend::widen(const std::string& name) {
  const auto group = group_of(name);
  if (!group)
    return group.error();
  const auto facts = btrfs::find_group(pool_, *group);
  if (!facts)
    return facts.error();
  if (!*facts)
    return {};
  return btrfs::limit_group(
    pool_, *group,
    std::max((*facts)->limit_bytes, (*facts)->used_bytes) + removal_bytes);
}

/// Removes the group now, or leaves the mark for a later call while the
/// kernel still cleans up behind the subvolume.
error btrfs_volume_backend::remove_group(const std::string& name,
                                         std::uint64_t group) {
  if (auto err = pass(before_step_, "remove group"))
    return err;
  const auto members = btrfs::members(pool_, group);
  if (!members)
    return members.error();
  for (const auto member : *members) {
    // Older kernels keep the groups of subvolumes that are gone.
    const auto alive = btrfs::subvolume_exists(pool_, member);
    if (!alive)
      return alive.error();
    if (*alive)
      return {};
    (void)btrfs::leave_group(pool_, member, group);
    (void)btrfs::remove_group(pool_, member);
  }
  auto err = btrfs::remove_group(pool_, group);
  if (err)
    return err.detail == EBUSY ? error{} : err;
  if (auto stop = pass(before_step_, "unmark"))
    return stop;
  return removing_.remove_file(name);
}

/// Finishes earlier removals. What fails here is tried again by the next
/// call; it costs no customer anything.
void btrfs_volume_backend::collect() {
  const auto names = removing_.names();
  if (!names)
    return;
  for (const auto& name : *names) {
    const auto group = group_of(name);
    const auto found = volumes_.look(name);
    if (!group || !found)
      continue;
    if (found->exists)
      continue;
    (void)remove_group(name, *group);
  }
}

expected<std::vector<held_object>> btrfs_volume_backend::list() {
  const auto names = volumes_.names();
  if (!names)
    return fail(names.error());
  std::vector<held_object> held;
  for (const auto& name : *names) {
    // What is no id was laid there by somebody else.
    if (!group_of(name))
      continue;
    const auto found = volumes_.look(name);
    if (!found)
      return fail(found.error());
    if (found->exists && !is_foreign(*found))
      held.push_back({.id = name});
  }
  return held;
}

} // namespace provision
