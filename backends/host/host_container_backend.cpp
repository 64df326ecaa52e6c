#include "backends/host/host_container_backend.hpp"

#include <algorithm>
#include <filesystem>

#include <sys/stat.h>
#include <unistd.h>

#include "backends/host/oci_bundle.hpp"
#include "backends/host/process_usage.hpp"
#include "backends/host/seccomp_profile.hpp"
#include "messages/reservation.hpp"
#include "shim/small_file.hpp"

namespace provision {

namespace {

using state = process_facts::state;

constexpr auto order_name = "order";
constexpr auto bundle_name = "/bundle";
constexpr auto run_name = "/run";

error check(std::string_view id) {
  if (is_safe_id(id))
    return {};
  return {errc::invalid_reservation,
          "'" + std::string{id} + "' cannot name a container"};
}

/// The options of a mount separate by comma and colon.
error check_path(const std::string& path) {
  if (path.find_first_of(":,\\") == std::string::npos)
    return {};
  return {errc::invalid_configuration,
          path
            + ": a folder of containers may hold no colon, comma or "
              "backslash"};
}

error make_folder(const std::string& path, mode_t mode) {
  if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST)
    return last_system_error("make folder " + path);
  return {};
}

/// Gives a folder of root to the container's root.
error hand_over(const std::string& path, const user_range& users) {
  struct stat facts = {};
  if (::lstat(path.c_str(), &facts) != 0)
    return last_system_error("look at " + path);
  if (facts.st_uid == 0
      && ::lchown(path.c_str(), users.first, users.first) != 0)
    return last_system_error("hand over " + path);
  return {};
}

/// A volume that a reboot has unmounted comes back with its old limit.
expected<std::string> bring_up(volume_backend& volumes, const std::string& id) {
  const auto facts = volumes.inspect(id);
  if (facts.state == presence::present)
    return facts.path;
  if (facts.state == presence::partial && facts.limit_bytes != 0)
    return volumes.ensure(id, facts.limit_bytes);
  return fail(facts.state == presence::unknown ? errc::backend_failure
                                               : errc::invalid_reservation,
              "volumes: volume " + id + " is not on this node"
                + (facts.reason.empty() ? "" : ": " + facts.reason));
}

/// Whether a container was made of this image, as the mounts of its process
/// tell; also if that cannot be told.
bool is_named_in_specs(const std::string& containers,
                       const std::string& digest) {
  const auto place = folder::open(containers);
  const auto ids = place ? place->names() : fail(place.error());
  if (!ids)
    return true;
  return std::ranges::any_of(*ids, [&](const std::string& id) {
    return shim::read_small(place->path(id) + '/' + shim::spec_name)
             .find(digest)
           != std::string::npos;
  });
}

workload_record record_of(const container_order& order) {
  workload_record record{.network_id = order.network_id,
                         .addresses = order.addresses,
                         .disk_bytes = order.disk_bytes};
  for (const auto& one : order.volumes)
    record.volumes.push_back(one.volume_id);
  return record;
}

} // namespace

expected<std::unique_ptr<host_container_backend>>
host_container_backend::open(host_container_options options) {
  for (const auto& path : {options.folder, options.images.folder})
    if (auto wrong = check_path(path))
      return fail(wrong);
  auto processes
    = supervised_processes::open(options.folder, options.tools.shim);
  if (!processes)
    return fail(processes.error());
  options.images.tools = options.tools.images;
  options.images.in_use = [folder = options.folder](const std::string& digest) {
    return is_named_in_specs(folder, digest);
  };
  auto images = container_images::open(options.images);
  if (!images)
    return fail(images.error());
  std::unique_ptr<host_container_backend> made{new host_container_backend{
    std::move(options), std::move(*processes), std::move(*images)}};
  if (const auto& trouble = made->mutex_.trouble())
    return fail(trouble);
  return made;
}

host_container_backend::host_container_backend(host_container_options options,
                                               supervised_processes processes,
                                               container_images images)
  : options_{std::move(options)},
    processes_{std::move(processes)}, images_{std::move(images)} {
}

// -- the port -----------------------------------------------------------------

container_facts host_container_backend::inspect(std::string_view id) {
  const std::lock_guard lock{mutex_};
  const auto found = processes_.look(std::string{id});
  const auto is = presence_of(found);
  return {.state = is,
          .pid = found.pid,
          .restarts = found.restarts,
          .reason = is == presence::present ? "" : reason_of(found)};
}

error host_container_backend::ensure(const container_order& order) {
  const std::lock_guard lock{mutex_};
  if (auto wrong = check(order.id))
    return wrong;
  const auto before = processes_.look(order.id);
  if (before.is == state::running || before.is == state::pausing)
    return {};
  if (before.is == state::unknown)
    return {errc::backend_failure, before.reason};
  auto failed = build(order);
  if (!failed && options_.forwarding)
    options_.forwarding->begin(order.id);
  if (!failed && listener_)
    listener_();
  // What has run once has written something: that is kept.
  const bool has_run = before.exit || before.pid != 0 || before.restarts != 0;
  return failed && !has_run ? take_back(order.id, std::move(failed)) : failed;
}

error host_container_backend::destroy(std::string_view id) {
  const std::lock_guard lock{mutex_};
  if (auto wrong = check(id))
    return wrong;
  const std::string name{id};
  return holdings().release(name, [&] {
    // What it says at its end is sent, too. One that cannot be stopped goes on
    // being heard, and the release fails over it in its turn.
    if (options_.forwarding && !processes_.stop(name))
      options_.forwarding->end(name);
  });
}

expected<workload_usage> host_container_backend::usage(std::string_view id) {
  if (auto wrong = check(id))
    return fail(wrong);
  return usage_of_process(processes_, *options_.volumes, std::string{id},
                          "eth0", cable_end::inner);
}

expected<std::vector<held_object>> host_container_backend::list() {
  const std::lock_guard lock{mutex_};
  return holdings().list();
}

expected<bool> host_container_backend::restore(const std::string& id) {
  const std::lock_guard lock{mutex_};
  const auto found = processes_.look(id);
  if (!is_deserted(found))
    return false;
  const auto noted = holdings().find_whole(id);
  if (!noted)
    return fail(noted.error());
  // Whoever ordered it, or its end, does so again.
  if (!*noted)
    return false;
  const auto& record = **noted;
  const auto space = options_.networks->attach(
    record.network_id, {.id = id, .addresses = record.addresses});
  if (!space)
    return fail(space.error());
  if (const auto disk = options_.volumes->ensure(id, record.disk_bytes); !disk)
    return fail(disk.error());
  for (const auto& volume : record.volumes)
    if (const auto path = bring_up(*options_.volumes, volume); !path)
      return fail(path.error());
  if (auto failed = processes_.start_again(id))
    return fail(failed);
  return true;
}

void host_container_backend::on_start(std::function<void()> listener) {
  const std::lock_guard lock{mutex_.of_this_process()};
  listener_ = std::move(listener);
}

// -- steps --------------------------------------------------------------------

error host_container_backend::build(const container_order& order) {
  const auto reference = parse_image_reference(order.image);
  if (!reference)
    return reference.error();
  const auto image = images_.get(*reference);
  if (!image)
    return image.error();
  const auto folder = processes_.folder_of(order.id);
  if (auto stopped = pass(options_.before_step, "write order"))
    return stopped;
  if (auto failed = holdings().note(order.id, record_of(order)))
    return failed;
  if (auto stopped = pass(options_.before_step, "write targets"))
    return stopped;
  if (options_.forwarding)
    if (auto failed = options_.forwarding->note(order.id, order.outputs))
      return failed;
  if (auto stopped = pass(options_.before_step, "attach"))
    return stopped;
  const auto space = options_.networks->attach(
    order.network_id, {.id = order.id, .addresses = order.addresses});
  if (!space)
    return space.error();
  if (auto stopped = pass(options_.before_step, "make disk"))
    return stopped;
  const auto disk = prepare_disk(order);
  if (!disk)
    return disk.error();
  if (auto stopped = pass(options_.before_step, "write bundle"))
    return stopped;
  auto bundle = bundle_of(order, *image, *space);
  if (!bundle)
    return bundle.error();
  std::vector<std::string> needed{folder, image->root, *disk};
  for (const auto& one : bundle->folders)
    needed.push_back(one.source);
  const auto stage = find_stage(needed);
  if (!stage)
    return stage.error();
  bundle->root = *stage;
  if (auto failed = write_bundle(order.id, *bundle))
    return failed;
  if (auto stopped = pass(options_.before_step, "start"))
    return stopped;
  const auto failed
    = processes_.start(order.id, spec_of(order, *image, *disk, *stage));
  if (!failed)
    return pass(options_.before_step, "started");
  return {errc::provision_failed, why_not_started(order.id, failed)};
}

error host_container_backend::take_back(const std::string& id,
                                        error failed) const {
  if (const auto stuck = holdings().release(id))
    failed.message += "; what was begun is still there: " + stuck.message;
  return failed;
}

expected<std::string>
host_container_backend::prepare_disk(const container_order& order) const {
  auto path = options_.volumes->ensure(order.id, order.disk_bytes);
  if (!path)
    return path;
  const auto upper = *path + "/upper";
  if (auto wrong = check_path(*path))
    return fail(wrong);
  if (auto failed = make_folder(upper, 0755))
    return fail(failed);
  if (auto failed = make_folder(*path + "/work", 0700))
    return fail(failed);
  // What the container's root folder is like.
  if (::chmod(upper.c_str(), 0755) != 0)
    return fail(last_system_error("open " + upper));
  if (auto failed = hand_over(upper, options_.images.users))
    return fail(failed);
  return path;
}

expected<oci_bundle>
host_container_backend::bundle_of(const container_order& order,
                                  const unpacked_image& image,
                                  const std::string& space) const {
  oci_bundle bundle{
    .hostname = order.id,
    .arguments = order.entrypoint.empty() ? image.arguments : order.entrypoint,
    .environment = merged_environment(image.environment, order.environment),
    .work_folder = image.work_folder,
    .user = image.user,
    .group = image.group,
    .more_groups = image.more_groups,
    .users = options_.images.users,
    .network_space = space};
  if (bundle.arguments.empty())
    return fail(errc::invalid_reservation,
                "entrypoint: neither the reservation nor the image has one");
  for (const auto& one : order.volumes) {
    const auto path = bring_up(*options_.volumes, one.volume_id);
    if (!path)
      return fail(path.error());
    if (auto failed = hand_over(*path, options_.images.users))
      return fail(failed);
    bundle.folders.push_back({*path, one.target});
  }
  auto rules = seccomp_rules(options_.tools.seccomp, container_capabilities());
  if (!rules)
    return fail(rules.error());
  bundle.seccomp = std::move(*rules);
  return bundle;
}

error host_container_backend::write_bundle(const std::string& id,
                                           const oci_bundle& bundle) const {
  const auto folder = processes_.folder_of(id) + bundle_name;
  if (auto failed = make_folder(folder, 0700))
    return failed;
  auto text = std::string{oci_configuration(bundle).reveal()};
  auto failed = shim::write_durably(folder + "/config.json", text);
  wipe(text);
  return failed;
}

shim::process_spec host_container_backend::spec_of(
  const container_order& order, const unpacked_image& image,
  const std::string& disk, const std::string& stage) const {
  const auto folder = processes_.folder_of(order.id);
  const auto run = folder + run_name;
  shim::process_spec spec{
    // The shim's groups limit it, so crun needs none of its own.
    .arguments = {options_.tools.crun, "--root", run,
                  "--cgroup-manager=disabled", "run", "--detach", "--pid-file",
                  run + "/pid", "--bundle", folder + bundle_name, order.id},
    .environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"},
    .pid_file = run + "/pid",
    .scratch = run,
    .log_bytes_max = options_.log_bytes_max,
    .grace = options_.grace,
    .restart_delay = options_.restart_delay,
    // The fourth end within a minute is the last.
    .restarts_max = 3};
  if (options_.forwarding
      && std::ranges::any_of(order.outputs, [](const output_target& one) {
           return one.stream != output_stream::usage;
         }))
    spec.stream_bytes_max = options_.stream_bytes_max;
  options_.groups.add_to(spec, options_.node_id, order.id,
                         {.memory_bytes = order.memory_bytes,
                          .cpus = order.cpus,
                          .tasks = options_.tasks_max});
  if (const auto second = options_.groups.second_hierarchy(); !second.empty())
    spec.mounts.push_back({.target = second});
  spec.mounts.push_back({.type = "overlay",
                         .target = stage,
                         .options = "lowerdir=" + image.root
                                    + ",upperdir=" + disk
                                    + "/upper,workdir=" + disk + "/work"});
  return spec;
}

workload_holdings host_container_backend::holdings() const {
  return {processes_, *options_.networks, *options_.volumes,
          options_.before_step, order_name};
}

/// The runtime's complaint is the last that was written.
std::string host_container_backend::why_not_started(const std::string& id,
                                                    const error& failed) const {
  const auto said = processes_.last_words(id);
  return "container " + id + " could not be started: " + failed.message
         + (said.empty() ? "" : ": " + said);
}

} // namespace provision
