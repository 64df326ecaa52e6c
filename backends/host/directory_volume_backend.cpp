#include "backends/host/directory_volume_backend.hpp"

#include "backends/host/mounts.hpp"
#include "backends/host/room_watch.hpp"
#include "messages/reservation.hpp"
#include "shim/remove_tree.hpp"

namespace provision {

namespace {

error check_id(std::string_view id) {
  if (is_safe_id(id))
    return {};
  return {errc::invalid_reservation, "volume id is not usable"};
}

bool is_volume(const entry& found) {
  return found.is_folder && !found.is_mount;
}

/// Removing would reach through a mount into what is not the volume's.
error check_nothing_mounted(const std::string& path) {
  const auto all = mounts();
  if (!all)
    return all.error();
  for (const auto& mount : *all)
    if (mount.point == path || mount.point.starts_with(path + '/'))
      return {errc::host_busy, mount.point + " is mounted in a volume"};
  return {};
}

} // namespace

expected<std::unique_ptr<directory_volume_backend>>
directory_volume_backend::open(const std::string& pool, std::string reason,
                               step_hook before_step) {
  auto place = folder::make(pool);
  if (!place)
    return fail(place.error());
  std::unique_ptr<directory_volume_backend> result{
    new directory_volume_backend};
  result->pool_ = std::move(*place);
  result->reason_ = std::move(reason);
  result->before_step_ = std::move(before_step);
  return result;
}

volume_ability directory_volume_backend::ability() const {
  auto reason = std::string{"plain folders have no size limit"};
  if (!reason_.empty())
    reason += "; " + reason_;
  return {.technique = "directory", .enforced = false, .reason = reason};
}

volume_facts directory_volume_backend::inspect(std::string_view id) {
  if (const auto err = check_id(id))
    return {.state = presence::unknown, .reason = err.message};
  const std::string name{id};
  const auto found = pool_.look(name);
  if (!found)
    return {.state = presence::unknown, .reason = found.error().message};
  if (!found->exists)
    return {};
  if (!is_volume(*found))
    return {.state = presence::unknown,
            .reason = pool_.path(name) + " is not a volume of this node"};
  return {.state = presence::present, .path = pool_.path(name)};
}

expected<std::string> directory_volume_backend::ensure(std::string_view id,
                                                       std::uint64_t) {
  const auto facts = inspect(id);
  if (const auto err = check_id(id))
    return fail(err);
  if (facts.state == presence::unknown)
    return fail(errc::backend_failure, facts.reason);
  if (auto err = pass(before_step_, "create folder"))
    return fail(err);
  const auto made = pool_.make_child(std::string{id});
  if (!made)
    return fail(made.error());
  if (auto err = pass(before_step_, "sync"))
    return fail(err);
  if (auto err = pool_.sync())
    return fail(err);
  return made->path();
}

expected<workload_usage> directory_volume_backend::usage(std::string_view id) {
  const auto facts = inspect(id);
  auto result = usage_of(id, facts);
  if (!result)
    return result;
  const auto taken = taken_bytes(facts.path);
  if (!taken)
    return fail(taken.error());
  result->disk_bytes = *taken;
  return result;
}

error directory_volume_backend::destroy(std::string_view id) {
  if (auto err = check_id(id))
    return err;
  const auto facts = inspect(id);
  if (facts.state == presence::unknown)
    return {errc::backend_failure, facts.reason};
  if (facts.state == presence::present) {
    if (auto err = check_nothing_mounted(facts.path))
      return err;
    if (auto err = pass(before_step_, "remove folder"))
      return err;
    if (auto err = shim::remove_tree(facts.path))
      return err;
  }
  if (auto err = pass(before_step_, "sync"))
    return err;
  return pool_.sync();
}

expected<std::vector<held_object>> directory_volume_backend::list() {
  const auto names = pool_.names();
  if (!names)
    return fail(names.error());
  std::vector<held_object> held;
  for (const auto& name : *names) {
    // What is no reservation's was laid there by somebody else.
    if (!split_reservation_id(name))
      continue;
    const auto found = pool_.look(name);
    if (!found)
      return fail(found.error());
    if (is_volume(*found))
      held.push_back({.id = name});
  }
  return held;
}

} // namespace provision
