#include <algorithm>
#include <filesystem>

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backends/host/command.hpp"
#include "backends/host/container_tools.hpp"
#include "backends/host/image_fetch.hpp"
#include "backends/host/oci_bundle.hpp"
#include "backends/host/scratch_place.hpp"
#include "backends/host/seccomp_profile.hpp"
#include "backends/host/supervised_processes.hpp"
#include "shim/small_file.hpp"

namespace provision {

namespace {

/// What failed on the way, and what would help.
struct obstacle {
  std::string reason = {};
  std::string remedy = {};

  explicit operator bool() const noexcept { return !reason.empty(); }
};

constexpr auto probe_id = "probe";
/// The shim says so when it is called without a folder.
constexpr int usage_code = 2;
constexpr int patience_ms = 5000;
constexpr std::uint64_t memory_bytes = 64U << 20U;

obstacle find_tools(container_tools& tools) {
  if (auto missing = find_programs({{tools.crun, "crun", "crun"}}))
    return {missing->reason, missing->remedy};
  auto images = find_image_tools();
  if (!images)
    return {images.error().message,
            "install the packages skopeo, umoci and util-linux; "
            "systemd-sysusers makes the user provisiond-fetch"};
  tools.images = std::move(*images);
  auto shim = find_shim();
  if (!shim)
    return {shim.error().message, "install provisiond as a whole"};
  tools.shim = *shim;
  tools.seccomp = shim::read_small(common_seccomp_profile);
  const auto rules = seccomp_rules(tools.seccomp, container_capabilities());
  if (!rules)
    return {rules.error().message,
            "install the package golang-github-containers-common"};
  return {};
}

obstacle find_groups(control_groups& groups) {
  auto found = control_groups::find();
  if (!found)
    return {found.error().message, "mount cgroup2 on /sys/fs/cgroup"};
  groups = std::move(*found);
  if (const auto lacking = groups.lacking(); !lacking.empty())
    return {"no control group limits " + lacking,
            "boot a kernel with these control groups"};
  return {};
}

/// Files of a container in which the shim's program is all there is: it is
/// linked statically.
error lay_files(const std::string& scratch, const std::string& stage,
                const container_ability& found) {
  namespace fs = std::filesystem;
  std::error_code code;
  const user_range users;
  for (const auto* name : {"/lower", "/upper", "/work", "/bundle"})
    if (!code)
      fs::create_directory(scratch + name, code);
  if (!code)
    fs::copy_file(found.tools.shim, scratch + "/lower/probe", code);
  if (code)
    return system_error("make " + scratch, code.value());
  if (::chown((scratch + "/upper").c_str(), users.first, users.first) != 0)
    return last_system_error("hand over " + scratch);
  oci_bundle bundle{
    .hostname = probe_id,
    .root = stage,
    .arguments = {"/probe"},
    .seccomp = *seccomp_rules(found.tools.seccomp, container_capabilities())};
  return shim::write_durably(scratch + "/bundle/config.json",
                             std::string{oci_configuration(bundle).reveal()});
}

shim::process_spec spec_of(const std::string& scratch, const std::string& stage,
                           const container_ability& found) {
  const auto run = scratch + "/run";
  shim::process_spec spec{
    .arguments = {found.tools.crun, "--root", run, "--cgroup-manager=disabled",
                  "run", "--detach", "--pid-file", run + "/pid", "--bundle",
                  scratch + "/bundle", probe_id},
    .environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"},
    .pid_file = run + "/pid",
    .scratch = run};
  found.groups.add_to(
    spec, "probe-" + std::filesystem::path{scratch}.filename().string(),
    probe_id, {.memory_bytes = memory_bytes, .cpus = 1, .tasks = 16});
  if (const auto second = found.groups.second_hierarchy(); !second.empty())
    spec.mounts.push_back({.target = second});
  spec.mounts.push_back({.type = "overlay",
                         .target = stage,
                         .options = "lowerdir=" + scratch
                                    + "/lower,upperdir=" + scratch
                                    + "/upper,workdir=" + scratch + "/work"});
  return spec;
}

/// Runs it and expects the shim's answer to a call without a folder.
error run_one(const std::string& scratch, const std::string& stage,
              const container_ability& found) {
  const auto processes
    = supervised_processes::open(scratch + "/processes", found.tools.shim);
  if (!processes)
    return processes.error();
  auto failed = processes->start(probe_id, spec_of(scratch, stage, found));
  if (const auto shim = processes->watch(probe_id)) {
    pollfd event{shim.number(), POLLIN, 0};
    ::poll(&event, 1, patience_ms);
  }
  const auto facts = processes->look(probe_id);
  const auto output = processes->output(probe_id, 300);
  if (auto stuck = processes->remove(probe_id))
    return stuck;
  if (failed)
    return {failed.code, failed.message + ": " + output};
  if (!facts.exit || facts.exit->code != usage_code)
    return {errc::backend_failure,
            "a container for trial did not end as expected: "
              + (facts.exit ? describe(*facts.exit) : facts.reason)};
  return {};
}

obstacle try_container(const std::string& folder,
                       const container_ability& found) {
  if (::geteuid() != 0)
    return {"needs root for control groups and mounts", "run as root"};
  const scratch_place scratch{folder};
  if (scratch.failed)
    return {scratch.failed.message, "make it writable"};
  if (const auto failed = try_fetching(found.tools.images, scratch.path))
    return {"images cannot be fetched by a program without rights: "
              + failed.message,
            "a kernel of version 5.12 or later; as a service, its drop-in "
            "containers.conf"};
  const auto stage = find_stage({scratch.path});
  if (!stage)
    return {stage.error().message, "make the folder /mnt"};
  auto failed = lay_files(scratch.path, *stage, found);
  if (!failed)
    failed = run_one(scratch.path, *stage, found);
  if (failed)
    return {failed.message,
            "a kernel with user namespaces, overlayfs and control groups; as a "
            "service, its drop-in containers.conf"};
  return {};
}

} // namespace

expected<std::string> find_stage(const std::vector<std::string>& needed) {
  constexpr mode_t for_all = S_IXOTH;
  for (const std::string place : {"/mnt", "/media", "/srv", "/opt"}) {
    struct stat facts = {};
    const bool fits
      = ::lstat(place.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode)
        && (facts.st_mode & for_all) != 0
        && std::ranges::none_of(needed, [&](const std::string& path) {
             return path == place || path.starts_with(place + '/');
           });
    if (fits)
      return place;
  }
  return fail(errc::backend_failure,
              "neither /mnt nor /media, /srv or /opt is a folder that all can "
              "reach and that holds nothing of this node");
}

container_ability probe_containers(const std::string& folder) {
  container_ability found;
  auto obstructed = find_tools(found.tools);
  if (!obstructed)
    obstructed = find_groups(found.groups);
  if (!obstructed)
    obstructed = try_container(folder, found);
  if (obstructed)
    found.ability = {.state = ability::level::missing,
                     .reason = obstructed.reason,
                     .remedy = obstructed.remedy};
  else
    found.ability = {.state = ability::level::ok, .technique = "crun"};
  return found;
}

} // namespace provision
