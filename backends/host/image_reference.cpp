#include "backends/host/image_reference.hpp"

#include <algorithm>
#include <array>

#include "messages/reservation.hpp"

namespace provision {

namespace {

using source = image_reference::source;

tl::unexpected<error> refuse(std::string_view text, const std::string& why) {
  return fail(errc::invalid_reservation,
              "flist: '" + std::string{text} + "' " + why);
}

bool is_reference_byte(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z')
         || (byte >= '0' && byte <= '9')
         || std::string_view{"._/:@-"}.find(byte) != std::string_view::npos;
}

/// It becomes a program's argument.
bool is_registry_name(std::string_view name) {
  constexpr std::size_t size_max = 400;
  return !name.empty() && name.size() <= size_max && name.front() != '-'
         && name.front() != '/' && std::ranges::all_of(name, is_reference_byte);
}

expected<image_reference> parse_local(source from, std::string_view text,
                                      std::string_view rest) {
  image_reference result{.from = from};
  const auto colon
    = from == source::layout ? rest.find(':') : std::string_view::npos;
  result.name = rest.substr(0, colon);
  if (from == source::layout)
    result.tag = colon == std::string_view::npos
                   ? "latest"
                   : std::string{rest.substr(colon + 1)};
  // Only what the operator has laid there, never a path of the host.
  if (!is_safe_id(result.name)
      || (!result.tag.empty() && !is_safe_id(result.tag))
      || (from == source::layout && result.tag.empty()))
    return refuse(text, "does not name an image of this node");
  return result;
}

} // namespace

expected<image_reference> parse_image_reference(std::string_view text) {
  struct scheme {
    std::string_view prefix;
    source from;
  };
  constexpr std::array schemes{
    scheme{"oci:", source::layout}, scheme{"oci-archive:", source::oci_archive},
    scheme{"docker-archive:", source::docker_archive}};
  for (const auto& [prefix, from] : schemes)
    if (text.starts_with(prefix))
      return parse_local(from, text, text.substr(prefix.size()));
  if (text.ends_with(".flist") || text.starts_with("http://")
      || text.starts_with("https://") || text.starts_with("zdb://"))
    return refuse(text, "is a file list, which this node cannot mount; give an "
                        "OCI image such as docker://registry/name:tag");
  auto name = text;
  constexpr std::string_view docker = "docker://";
  if (name.starts_with(docker))
    name.remove_prefix(docker.size());
  if (!is_registry_name(name) || name.find("//") != std::string_view::npos
      || name.find(":/") != std::string_view::npos)
    return refuse(text, "is no reference of an OCI image");
  return image_reference{.from = source::registry, .name = std::string{name}};
}

} // namespace provision
