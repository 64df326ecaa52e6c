#include "backends/host/image_fetch.hpp"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "backends/host/container_tools.hpp"
#include "backends/host/fetched_layout.hpp"
#include "shim/remove_tree.hpp"
#include "shim/small_file.hpp"

namespace provision {

namespace {

using source = image_reference::source;

/// The fetcher's folder among the arrivals, and an archive in it.
constexpr auto fetching = "fetching";
constexpr auto archive = "archive";

bool says_there_is_none(const std::string& complaint) {
  // A file of the host that only root may read: nothing that a user can mend.
  if (complaint.find("open /") != std::string::npos
      && complaint.find(": permission denied") != std::string::npos)
    return false;
  for (const auto* phrase :
       {"manifest unknown", "not found", "unauthorized", "denied",
        "no such file", "repository name not known", "no image found",
        "StatusCode: 401", "StatusCode: 403", "StatusCode: 404"})
    if (complaint.find(phrase) != std::string::npos)
      return true;
  return false;
}

/// What users call it.
std::string title_of(const image_reference& wanted) {
  if (wanted.from == source::oci_archive)
    return "oci-archive:" + wanted.name;
  if (wanted.from == source::docker_archive)
    return "docker-archive:" + wanted.name;
  return "docker://" + wanted.name;
}

expected<folder> make_fetching(const folder& arrivals,
                               const powerless_user& user) {
  auto made = arrivals.make_child(fetching);
  if (made && ::fchown(made->number(), user.user, user.group) != 0)
    return fail(last_system_error("hand over " + made->path()));
  return made;
}

expected<confinement> confine(const image_tools& tools, const folder& place) {
  auto stage = find_stage({place.path()});
  if (!stage)
    return fail(std::move(stage.error()));
  return confinement{.setpriv = tools.setpriv,
                     .prlimit = tools.prlimit,
                     .user = tools.fetch_user,
                     .folder = place.path(),
                     .stage = std::move(*stage)};
}

// -- archives -----------------------------------------------------------------

error check_room(const container_image_options& options, const folder& place,
                 std::uint64_t bytes) {
  if (bytes > options.image_bytes_max)
    return {errc::invalid_reservation,
            "takes more than " + std::to_string(options.image_bytes_max)
              + " bytes"};
  struct statvfs facts = {};
  if (::fstatvfs(place.number(), &facts) != 0)
    return last_system_error("room of " + place.path());
  const auto free = std::uint64_t{facts.f_bavail} * facts.f_frsize;
  if (free < options.free_bytes_min || free - options.free_bytes_min < bytes)
    return {errc::disk_full, place.path() + ": only " + std::to_string(free)
                               + " bytes are free"};
  return {};
}

/// Without taking room where the file system can share it.
error copy_bytes(const file_descriptor& from, const file_descriptor& to,
                 std::uint64_t bytes) {
  while (bytes > 0) {
    auto done = ::copy_file_range(from.number(), nullptr, to.number(), nullptr,
                                  bytes, 0);
    if (done < 0 && (errno == EXDEV || errno == EINVAL || errno == EOPNOTSUPP))
      done = ::sendfile(to.number(), from.number(), nullptr, bytes);
    if (done < 0 && errno == EINTR)
      continue;
    if (done < 0)
      return last_system_error("copy an archive");
    if (done == 0)
      return {errc::host_busy, "an archive became shorter as it was copied"};
    bytes -= static_cast<std::uint64_t>(done);
  }
  return {};
}

/// The operator's archives may be root's alone: the fetcher gets a copy. Yields
/// its size.
expected<std::uint64_t> lay_archive(const container_image_options& options,
                                    const std::string& name,
                                    const folder& place) {
  const auto path = options.own_images + '/' + name;
  struct stat facts = {};
  const file_descriptor from{
    ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
  if (!from && errno != ENOENT)
    return fail(last_system_error("open " + path));
  if (!from || ::fstat(from.number(), &facts) != 0 || !S_ISREG(facts.st_mode))
    return fail(errc::invalid_reservation,
                "there is no such file among the images of this node");
  const auto bytes = static_cast<std::uint64_t>(facts.st_size);
  if (auto failed = check_room(options, place, bytes))
    return fail(failed);
  const file_descriptor to{
    ::openat(place.number(), archive,
             O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0400)};
  if (!to)
    return fail(last_system_error("make " + place.path(archive)));
  if (auto failed = copy_bytes(from, to, bytes))
    return fail(failed);
  const auto& user = options.tools.fetch_user;
  if (::fchown(to.number(), user.user, user.group) != 0)
    return fail(last_system_error("hand over " + place.path(archive)));
  return bytes;
}

// -- the call -----------------------------------------------------------------

/// What opens registries; empty if nothing does.
expected<std::string> credentials_for(const container_image_options& options,
                                      const image_reference& wanted) {
  if (wanted.from != source::registry || options.auth_file.empty())
    return std::string{};
  auto text = shim::read_small(options.auth_file);
  if (text.empty())
    return fail(errc::host_unavailable,
                "containers.registry_auth_file: " + options.auth_file
                  + " cannot be read");
  return text;
}

/// Words for the fetcher, and what it reads from its input.
command order_for(const container_image_options& options,
                  const image_reference& wanted, const std::string& stage,
                  const std::string& credentials) {
  const bool is_remote = wanted.from == source::registry;
  command what{.program = options.tools.skopeo, .deadline = options.patience};
  auto& words = what.arguments;
  words = {"--tmpdir", stage, "copy", "--quiet"};
  if (!credentials.empty()) {
    words.insert(words.end(), {"--authfile", "/dev/stdin"});
    what.input = credentials;
  } else {
    words.emplace_back("--src-no-creds");
  }
  if (is_remote
      && std::ranges::any_of(options.plain_registries, [&](const auto& one) {
           return wanted.name.starts_with(one + '/');
         }))
    words.emplace_back("--src-tls-verify=false");
  auto from = title_of(wanted);
  if (!is_remote)
    from = from.substr(0, from.find(':') + 1) + stage + '/' + archive;
  words.push_back(from);
  words.push_back("oci:" + stage + '/' + fetched_layout + ':' + fetched_tag);
  return what;
}

/// What of the fetcher's own errors is the user's, and what may pass.
error judged(error failed) {
  if (failed.code != errc::invalid_reservation && failed.code != errc::disk_full
      && failed.code != errc::host_unavailable) {
    failed.code = says_there_is_none(failed.message) ? errc::invalid_reservation
                                                     : errc::host_busy;
    failed.message.insert(0, "could not be fetched: ");
  }
  return failed;
}

error fetch(const container_image_options& options,
            const image_reference& wanted, const folder& arrivals) {
  const auto place = make_fetching(arrivals, options.tools.fetch_user);
  if (!place)
    return place.error();
  room_limits limits{.folder = arrivals.path(),
                     .bytes_max = options.image_bytes_max,
                     .free_bytes_min = options.free_bytes_min};
  if (wanted.from != source::registry) {
    const auto bytes = lay_archive(options, wanted.name, *place);
    if (!bytes)
      return bytes.error();
    // The copy, and what it is unpacked into on the way.
    limits.bytes_max += 2 * *bytes;
  }
  const auto how = confine(options.tools, *place);
  if (!how)
    return how.error();
  const auto credentials = credentials_for(options, wanted);
  if (!credentials)
    return credentials.error();
  auto what = order_for(options, wanted, how->stage, *credentials);
  room_watch room{limits};
  what.objection = [&room] { return room.look(); };
  if (const auto done = run_confined(what, *how); !done)
    return judged(done.error());
  if (auto failed = take_layout(*place, fetched_layout, arrivals))
    return failed;
  if (auto failed = shim::remove_tree(place->path()))
    return failed;
  limits.bytes_max = options.image_bytes_max;
  // What is quick escapes a look in between.
  return room_watch{limits}.look_closely();
}

} // namespace

error fetch_image(const container_image_options& options,
                  const image_reference& wanted, const folder& arrivals) {
  auto failed = fetch(options, wanted, arrivals);
  if (failed)
    failed.message.insert(0, "flist: " + title_of(wanted) + ": ");
  return failed;
}

error try_fetching(const image_tools& tools, const std::string& scratch) {
  const auto place
    = folder::open(scratch).and_then([&](const folder& arrivals) {
        return make_fetching(arrivals, tools.fetch_user);
      });
  if (!place)
    return place.error();
  const auto how = confine(tools, *place);
  if (!how)
    return how.error();
  const auto done
    = run_confined({.program = tools.skopeo, .arguments = {"--version"}}, *how);
  return done ? error{} : done.error();
}

} // namespace provision
