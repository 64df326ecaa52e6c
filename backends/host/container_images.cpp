#include "backends/host/container_images.hpp"

#include <algorithm>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <simdjson.h>

#include "backends/host/command.hpp"
#include "backends/host/image_fetch.hpp"
#include "backends/host/image_layout.hpp"
#include "backends/host/room_watch.hpp"
#include "messages/hex.hpp"
#include "shim/remove_tree.hpp"
#include "shim/small_file.hpp"

namespace provision {

namespace {

using simdjson::dom::element;
using source = image_reference::source;

/// So many names of images are remembered; one more costs a question.
constexpr std::size_t names_max = 4096;

constexpr auto incoming = "incoming";

std::string text_of(const element& object, std::string_view key) {
  std::string_view text;
  return object[key].get(text) ? std::string{} : std::string{text};
}

std::vector<std::string> texts_of(const element& object, std::string_view key) {
  std::vector<std::string> result;
  simdjson::dom::array list;
  if (object[key].get(list))
    return result;
  for (const element one : list) {
    std::string_view text;
    if (!one.get(text))
      result.emplace_back(text);
  }
  return result;
}

std::uint32_t number_of(const element& object, std::string_view key) {
  std::uint64_t number = 0;
  return object[key].get(number) ? 0 : static_cast<std::uint32_t>(number);
}

/// umoci refuses what leads out of the image's own files, and what no tool
/// could unpack: neither will be better next time, unless the disk was full.
errc code_of_unpacking(const error& failed) {
  if (failed.code != errc::backend_failure)
    return failed.code;
  for (const auto* phrase : {"no space left", "quota exceeded"})
    if (failed.message.find(phrase) != std::string::npos)
      return errc::disk_full;
  return errc::invalid_reservation;
}

/// Nobody else may read the operator's credentials.
error check_auth_file(const std::string& path) {
  if (path.empty())
    return {};
  struct stat facts = {};
  if (::lstat(path.c_str(), &facts) != 0 || !S_ISREG(facts.st_mode))
    return {errc::invalid_configuration,
            "containers.registry_auth_file: " + path + " is no file"};
  constexpr mode_t for_others = S_IRWXG | S_IRWXO;
  if (facts.st_uid != ::geteuid() || (facts.st_mode & for_others) != 0)
    return {errc::invalid_configuration,
            "containers.registry_auth_file: others can read " + path
              + "; give it to the daemon's user with mode 0600"};
  return {};
}

std::string range_of(const user_range& users) {
  return "0:" + std::to_string(users.first) + ':' + std::to_string(users.count);
}

} // namespace

expected<image_tools> find_image_tools() {
  image_tools found;
  if (auto missing = find_programs({{found.skopeo, "skopeo", "skopeo"},
                                    {found.umoci, "umoci", "umoci"},
                                    {found.setpriv, "setpriv", "util-linux"},
                                    {found.prlimit, "prlimit", "util-linux"}}))
    return fail(errc::host_unavailable, std::move(missing->reason));
  auto user = find_fetch_user();
  if (!user)
    return fail(std::move(user.error()));
  found.fetch_user = *user;
  return found;
}

expected<container_images>
container_images::open(container_image_options options) {
  if (auto wrong = check_auth_file(options.auth_file))
    return fail(wrong);
  auto place = folder::make(options.folder);
  if (!place)
    return fail(place.error());
  auto names = place->make_child("names");
  if (!names)
    return fail(names.error());
  container_images made{std::move(options), std::move(*place),
                        std::move(*names)};
  if (auto failed = made.clear_incoming())
    return fail(failed);
  return made;
}

container_images::container_images(container_image_options options,
                                   folder place, folder names)
  : options_{std::move(options)}, place_{std::move(place)}, names_{std::move(
                                                              names)} {
}

container_images::container_images(container_images&& other) noexcept
  : options_{std::move(other.options_)}, place_{std::move(other.place_)},
    names_{std::move(other.names_)} {
}

error container_images::clear_incoming() const {
  return shim::remove_tree(place_.path(incoming));
}

std::string container_images::remembered(const image_reference& wanted) const {
  const bool pinned = wanted.name.find("@sha256:") != std::string::npos;
  const auto tag = wanted.name.substr(wanted.name.rfind(':') + 1);
  const bool has_tag = wanted.name.rfind(':') != std::string::npos
                       && tag.find('/') == std::string::npos;
  if (wanted.from != source::registry
      || (!pinned && (!has_tag || tag == "latest")))
    return {};
  return shim::read_small(names_.path(hex::encode(wanted.name)));
}

expected<unpacked_image> container_images::get(const image_reference& wanted) {
  const std::lock_guard lock{mutex_};
  if (const auto digest = remembered(wanted); !digest.empty())
    if (auto known = read(digest))
      return known;
  if (auto failed = clear_incoming())
    return fail(failed);
  const auto arrivals = place_.make_child(incoming);
  if (!arrivals)
    return fail(arrivals.error());
  const auto from = find(wanted, *arrivals);
  auto result = from ? unpack(*from) : fail(from.error());
  // A stranger's image that was refused should not keep its room.
  if (auto failed = clear_incoming(); failed && result)
    return fail(failed);
  if (result)
    remember(wanted, result->digest);
  return result;
}

void container_images::remember(const image_reference& wanted,
                                const std::string& digest) const {
  // When it was asked for last: see make_room().
  ::utimensat(place_.number(), digest.c_str(), nullptr, 0);
  const auto known = names_.names();
  // A name too long for a file is asked for every time.
  if (wanted.from == source::registry && known && known->size() < names_max)
    shim::write_durably(names_.path(hex::encode(wanted.name)), digest);
}

expected<container_images::layout>
container_images::find(const image_reference& wanted,
                       const folder& arrivals) const {
  if (wanted.from == source::layout)
    return layout{options_.own_images + '/' + wanted.name, wanted.tag};
  if (auto failed = fetch_image(options_, wanted, arrivals))
    return fail(std::move(failed));
  return layout{arrivals.path(fetched_layout), fetched_tag};
}

expected<unpacked_image> container_images::unpack(const layout& from) const {
  const auto digest = digest_in_layout(from.path, from.tag);
  if (!digest)
    return fail(digest.error());
  if (auto known = read(*digest))
    return known;
  if (auto wrong = check_sizes_in_layout(from.path, *digest))
    return fail(wrong);
  const auto bundle = place_.path(incoming) + "/bundle";
  room_watch room{incoming_room()};
  const auto done
    = run({.program = options_.tools.umoci,
           .arguments = {"unpack", "--uid-map", range_of(options_.users),
                         "--gid-map", range_of(options_.users), "--image",
                         from.path + ':' + from.tag, bundle},
           .deadline = options_.patience,
           .objection = [&room] { return room.look(); }});
  // What is quick escapes a look in between.
  auto failed = done ? room.look_closely() : done.error();
  if (failed)
    return fail(code_of_unpacking(failed),
                "flist: the image cannot be unpacked: " + failed.message);
  return keep(bundle, *digest);
}

/// Gives what was unpacked its name.
expected<unpacked_image>
container_images::keep(const std::string& bundle,
                       const std::string& digest) const {
  auto result = read_at(bundle, digest);
  if (!result)
    return fail(errc::invalid_reservation, "flist: " + result.error().message);
  const auto bytes = taken_bytes(bundle);
  if (!bytes)
    return fail(bytes.error());
  if (auto failed = make_room(*bytes))
    return fail(failed);
  if (auto failed
      = shim::write_durably(bundle + "/bytes", std::to_string(*bytes)))
    return fail(failed);
  // Whole on disk before it bears its name.
  const auto made = folder::open(bundle);
  if (!made || ::syncfs(made->number()) != 0)
    return fail(last_system_error("sync " + bundle));
  if (auto failed = place_.rename(std::string{incoming} + "/bundle", digest))
    return fail(failed);
  if (auto failed = place_.sync())
    return fail(failed);
  return result;
}

/// For what is being fetched and unpacked: both are there for a while.
room_limits container_images::incoming_room() const {
  return {.folder = place_.path(incoming),
          .bytes_max = options_.image_bytes_max,
          .free_bytes_min = options_.free_bytes_min};
}

expected<unpacked_image>
container_images::read(const std::string& digest) const {
  return read_at(place_.path(digest), digest);
}

/// As it will be once `path` bears its name.
expected<unpacked_image>
container_images::read_at(const std::string& path,
                          const std::string& digest) const {
  const auto text = shim::read_small(path + "/config.json");
  simdjson::dom::parser parser;
  element config;
  element process;
  if (parser.parse(text.data(), text.size()).get(config)
      || config["process"].get(process))
    return fail(errc::backend_failure, "image " + digest + " is not unpacked");
  unpacked_image result{.digest = digest,
                        .root = place_.path(digest) + "/rootfs",
                        .arguments = texts_of(process, "args"),
                        .environment = texts_of(process, "env"),
                        .work_folder = text_of(process, "cwd")};
  element user;
  if (!process["user"].get(user)) {
    result.user = number_of(user, "uid");
    result.group = number_of(user, "gid");
    simdjson::dom::array more;
    if (!user["additionalGids"].get(more))
      for (const element one : more) {
        std::uint64_t number = 0;
        if (!one.get(number))
          result.more_groups.push_back(static_cast<std::uint32_t>(number));
      }
  }
  if (!users_lead_out(path + "/rootfs"))
    return result;
  result.more_groups.clear();
  if (result.user != 0 || result.group != 0)
    return fail(errc::invalid_reservation,
                "the image's /etc/passwd or /etc/group is a symbolic link, so "
                "its user cannot be told; give a user to files of its own, or "
                "none");
  return result;
}

} // namespace provision
