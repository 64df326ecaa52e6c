#include "backends/host/image_layout.hpp"

#include <algorithm>
#include <cerrno>
#include <string_view>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <simdjson.h>

#include "backends/host/file_descriptor.hpp"
#include "shim/small_file.hpp"

namespace provision {

namespace {

using simdjson::dom::element;

constexpr std::string_view kind = "sha256-";

/// Docker's own manifests and configurations have some 10 KiB.
constexpr off_t document_bytes_max = 1 << 20;

std::string text_of(const element& object, std::string_view key) {
  std::string_view text;
  return object[key].get(text) ? std::string{} : std::string{text};
}

/// Fit for a folder's name.
std::string plain(std::string digest) {
  std::ranges::replace(digest, ':', '-');
  return digest;
}

std::string blob(const std::string& layout, const std::string& digest) {
  return layout + "/blobs/sha256/" + digest.substr(kind.size());
}

error check_size(const std::string& path, const char* what) {
  struct stat facts = {};
  if (::stat(path.c_str(), &facts) != 0)
    return {errc::invalid_reservation,
            std::string{"flist: the image lacks its "} + what};
  if (facts.st_size > document_bytes_max)
    return {errc::invalid_reservation,
            std::string{"flist: the image's "} + what + " has "
              + std::to_string(facts.st_size) + " bytes, "
              + std::to_string(document_bytes_max) + " are taken at most"};
  return {};
}

} // namespace

bool is_plain_digest(const std::string& text) {
  constexpr std::size_t digits = 64;
  return text.starts_with(kind) && text.size() == kind.size() + digits
         && text.find_first_not_of("0123456789abcdef", kind.size())
              == std::string::npos;
}

expected<std::string> digest_in_layout(const std::string& layout,
                                       const std::string& tag) {
  const auto text = shim::read_small(layout + "/index.json");
  simdjson::dom::parser parser;
  element index;
  simdjson::dom::array manifests;
  std::string digest;
  if (!parser.parse(text.data(), text.size()).get(index)
      && !index["manifests"].get(manifests))
    for (const element one : manifests) {
      element notes;
      if (!one["annotations"].get(notes)
          && text_of(notes, "org.opencontainers.image.ref.name") == tag) {
        digest = plain(text_of(one, "digest"));
        break;
      }
    }
  if (!is_plain_digest(digest))
    return fail(errc::invalid_reservation,
                "flist: there is no image " + tag + " in "
                  + layout.substr(layout.rfind('/') + 1));
  return digest;
}

error check_sizes_in_layout(const std::string& layout,
                            const std::string& digest) {
  const auto path = blob(layout, digest);
  if (auto wrong = check_size(path, "manifest"))
    return wrong;
  const auto text = shim::read_small(path);
  simdjson::dom::parser parser;
  element manifest;
  element config;
  // An index of manifests for several machines has no configuration.
  if (parser.parse(text.data(), text.size()).get(manifest)
      || manifest["config"].get(config))
    return {};
  const auto name = plain(text_of(config, "digest"));
  if (!is_plain_digest(name))
    return {errc::invalid_reservation,
            "flist: the image's configuration has no digest"};
  return check_size(blob(layout, name), "configuration");
}

bool users_lead_out(const std::string& root) {
  const file_descriptor top{
    ::open(root.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
  open_how how = {};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  for (const auto* name : {"etc/passwd", "etc/group"}) {
    const file_descriptor file{static_cast<int>(
      ::syscall(SYS_openat2, top.number(), name, &how, sizeof how))};
    if (!file && errno != ENOENT && errno != ENOTDIR)
      return true;
  }
  return false;
}

} // namespace provision
