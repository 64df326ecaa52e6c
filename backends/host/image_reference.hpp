#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "messages/error.hpp"

namespace provision {

/// Where an image comes from.
struct image_reference {
  enum class source : std::uint8_t {
    /// From a registry: `name` is what follows "docker://".
    registry,
    /// An OCI layout, a folder of the node's own images; `name` is that
    /// folder's.
    layout,
    /// A file of the node's own images, in OCI's or in docker's form.
    oci_archive,
    docker_archive,
  };

  source from = source::registry;
  std::string name = {};
  /// Of a layout; "latest" if none is given.
  std::string tag = {};

  bool operator==(const image_reference&) const = default;
};

/// What the field `flist` of a container can say on a plain host:
/// "docker://registry/name:tag" or without "docker://", "oci:<name>[:<tag>]",
/// "oci-archive:<file>", "docker-archive:<file>". errc::invalid_reservation for
/// everything else, file lists above all.
expected<image_reference> parse_image_reference(std::string_view text);

} // namespace provision
