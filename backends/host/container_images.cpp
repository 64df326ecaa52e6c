#include "backends/host/container_images.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>

#include <unistd.h>

#include <simdjson.h>

#include "backends/host/command.hpp"
#include "messages/hex.hpp"
#include "shim/small_file.hpp"

namespace provision {

namespace {

using simdjson::dom::element;
using source = image_reference::source;

/// Enough for gigabytes over a slow line.
constexpr std::chrono::minutes fetch_patience{10};

constexpr auto incoming = "incoming";
constexpr auto fetched_tag = "fetched";

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

/// "sha256:0f..." of the tag in a layout; empty if it is not there.
std::string digest_of(const std::string& layout, const std::string& tag) {
  const auto text = shim::read_small(layout + "/index.json");
  simdjson::dom::parser parser;
  element index;
  simdjson::dom::array manifests;
  if (parser.parse(text.data(), text.size()).get(index)
      || index["manifests"].get(manifests))
    return {};
  for (const element one : manifests) {
    element notes;
    if (!one["annotations"].get(notes)
        && text_of(notes, "org.opencontainers.image.ref.name") == tag)
      return text_of(one, "digest");
  }
  return {};
}

/// Fit for a folder's name.
std::string plain(std::string digest) {
  std::ranges::replace(digest, ':', '-');
  return digest;
}

/// "sha256-" and 64 hexadecimal digits: it becomes a folder's name.
bool is_digest(const std::string& text) {
  constexpr std::string_view kind = "sha256-";
  constexpr std::size_t digits = 64;
  return text.starts_with(kind) && text.size() == kind.size() + digits
         && text.find_first_not_of("0123456789abcdef", kind.size())
              == std::string::npos;
}

bool says_there_is_none(const std::string& complaint) {
  for (const auto* phrase :
       {"manifest unknown", "not found", "unauthorized", "denied",
        "no such file", "repository name not known", "no image found"})
    if (complaint.find(phrase) != std::string::npos)
      return true;
  return false;
}

std::string range_of(const user_range& users) {
  return "0:" + std::to_string(users.first) + ':'
         + std::to_string(users.count);
}

} // namespace

expected<container_images>
container_images::open(container_image_options options) {
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
  : options_{std::move(options)},
    place_{std::move(place)},
    names_{std::move(names)} {
}

container_images::container_images(container_images&& other) noexcept
  : options_{std::move(other.options_)},
    place_{std::move(other.place_)},
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

expected<unpacked_image>
container_images::get(const image_reference& wanted) {
  const std::lock_guard lock{mutex_};
  if (const auto digest = remembered(wanted); !digest.empty())
    if (auto known = read(digest))
      return known;
  if (auto failed = clear_incoming())
    return fail(failed);
  if (const auto made = place_.make_child(incoming); !made)
    return fail(made.error());
  const auto from = fetch(wanted);
  if (!from)
    return fail(from.error());
  auto result = unpack(*from);
  if (auto failed = clear_incoming())
    return fail(failed);
  // A name too long for a file is asked for every time.
  if (result && wanted.from == source::registry)
    shim::write_durably(names_.path(hex::encode(wanted.name)), result->digest);
  return result;
}

expected<container_images::layout>
container_images::fetch(const image_reference& wanted) const {
  const auto own = options_.own_images + '/' + wanted.name;
  if (wanted.from == source::layout)
    return layout{own, wanted.tag};
  const layout to{place_.path(incoming) + "/layout", fetched_tag};
  std::string from = "docker://" + wanted.name;
  if (wanted.from == source::oci_archive)
    from = "oci-archive:" + own;
  if (wanted.from == source::docker_archive)
    from = "docker-archive:" + own;
  std::vector<std::string> words{"copy", "--quiet"};
  if (std::ranges::any_of(options_.plain_registries, [&](const auto& one) {
        return wanted.name.starts_with(one + '/');
      }))
    words.emplace_back("--src-tls-verify=false");
  words.push_back(from);
  words.push_back("oci:" + to.path + ':' + to.tag);
  const auto done = run({.program = options_.tools.skopeo,
                         .arguments = words,
                         .deadline = fetch_patience});
  if (done)
    return to;
  const auto code = says_there_is_none(done.error().message)
                      ? errc::invalid_reservation
                      : errc::host_busy;
  return fail(code, "flist: " + from
                      + " could not be fetched: " + done.error().message);
}

expected<unpacked_image> container_images::unpack(const layout& from) const {
  const auto digest = plain(digest_of(from.path, from.tag));
  if (!is_digest(digest))
    return fail(errc::invalid_reservation,
                "flist: there is no image " + from.tag + " in "
                  + std::filesystem::path{from.path}.filename().string());
  if (auto known = read(digest))
    return known;
  const auto bundle = place_.path(incoming) + "/bundle";
  const auto done = run(
    {.program = options_.tools.umoci,
     .arguments = {"unpack", "--uid-map", range_of(options_.users), "--gid-map",
                   range_of(options_.users), "--image",
                   from.path + ':' + from.tag, bundle},
     .deadline = fetch_patience});
  if (!done)
    return fail(done.error());
  // Whole on disk before it bears its name.
  const auto made = folder::open(bundle);
  if (!made || ::syncfs(made->number()) != 0)
    return fail(last_system_error("sync " + bundle));
  if (auto failed = place_.rename(std::string{incoming} + "/bundle", digest))
    return fail(failed);
  if (auto failed = place_.sync())
    return fail(failed);
  return read(digest);
}

expected<unpacked_image>
container_images::read(const std::string& digest) const {
  const auto path = place_.path(digest);
  const auto text = shim::read_small(path + "/config.json");
  simdjson::dom::parser parser;
  element config;
  element process;
  if (parser.parse(text.data(), text.size()).get(config)
      || config["process"].get(process))
    return fail(errc::backend_failure, "image " + digest + " is not unpacked");
  unpacked_image result{.digest = digest,
                        .root = path + "/rootfs",
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
  return result;
}

} // namespace provision
