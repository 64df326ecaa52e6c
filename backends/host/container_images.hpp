#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "backends/host/confined_program.hpp"
#include "backends/host/folder.hpp"
#include "backends/host/image_reference.hpp"
#include "backends/host/room_watch.hpp"

namespace provision {

/// Users of a container are these users of the host: 0 is `first`, and so on.
struct user_range {
  std::uint32_t first = 100000;
  std::uint32_t count = 65536;
};

/// An image, ready to be used by any number of containers at once, none of
/// which may write into it.
struct unpacked_image {
  /// "sha256-..."
  std::string digest = {};
  /// Absolute path of its files, owned as `user_range` says.
  std::string root = {};
  std::vector<std::string> arguments = {};
  std::vector<std::string> environment = {};
  std::string work_folder = "/";
  std::uint32_t user = 0;
  std::uint32_t group = 0;
  std::vector<std::uint32_t> more_groups = {};
};

struct image_tools {
  std::string skopeo = {};
  std::string umoci = {};
  /// Takes all rights from the former.
  std::string setpriv = {};
  /// Bounds it.
  std::string prlimit = {};
  /// Whom the former is, so that it is not root.
  powerless_user fetch_user = {};
};

/// errc::host_unavailable names what is missing, and the remedy.
expected<image_tools> find_image_tools();

struct container_image_options {
  /// Folder for what was fetched and unpacked; made if it is missing.
  std::string folder = {};
  /// Folder of the operator's own images.
  std::string own_images = {};
  image_tools tools = {};
  user_range users = {};
  /// Registries ("host:port") that are asked without TLS.
  std::vector<std::string> plain_registries = {};
  /// File with the operator's credentials, as `skopeo login --authfile` writes
  /// it; empty: registries are asked as a stranger would.
  std::string auth_file = {};
  /// Deadline of a fetch, and of an unpacking.
  std::chrono::milliseconds patience = std::chrono::minutes{10};
  /// What one image may take on the disk, as it is fetched and unpacked.
  std::uint64_t image_bytes_max = std::uint64_t{16} << 30U;
  /// What all unpacked images may take; those that no container uses make room,
  /// the one that was asked for longest ago first.
  std::uint64_t images_bytes_max = std::uint64_t{64} << 30U;
  /// What must stay free on their disk.
  std::uint64_t free_bytes_min = std::uint64_t{256} << 20U;
  /// Whether a container on this host was made of the image with this digest.
  std::function<bool(const std::string& digest)> in_use
    = [](const std::string&) { return true; };
};

/// Images by their content:
///
///   <folder>/<digest>/rootfs, config.json   unpacked
///                     bytes   what it takes on the disk
///   <folder>/names/<name>     which digest a name of a registry had
///   <folder>/incoming         what is being fetched and unpacked
///            fetching         the fetcher's, while it runs
///            layout           what it fetched, out of its reach
///
/// A name of a registry is asked for anew only if its tag is "latest".
/// Thread-safe; one is fetched at a time.
class container_images {
public:
  static expected<container_images> open(container_image_options options);

  container_images(container_images&& other) noexcept;

  /// errc::invalid_reservation if there is no such image, or none that a node
  /// should take; errc::host_busy if a registry does not answer in time;
  /// errc::disk_full if there is no room for it.
  expected<unpacked_image> get(const image_reference& wanted);

private:
  container_images(container_image_options options, folder place, folder names);

  /// An OCI layout and a tag in it.
  struct layout {
    std::string path = {};
    std::string tag = {};
  };

  expected<layout> find(const image_reference& wanted,
                        const folder& arrivals) const;
  expected<unpacked_image> unpack(const layout& from) const;
  expected<unpacked_image> read(const std::string& digest) const;
  expected<unpacked_image> read_at(const std::string& path,
                                   const std::string& digest) const;
  std::string remembered(const image_reference& wanted) const;
  void remember(const image_reference& wanted, const std::string& digest) const;
  expected<unpacked_image> keep(const std::string& bundle,
                                const std::string& digest) const;
  room_limits incoming_room() const;
  std::uint64_t bytes_of(const std::string& digest) const;
  error make_room(std::uint64_t bytes) const;
  error clear_incoming() const;

  container_image_options options_;
  folder place_;
  folder names_;
  std::mutex mutex_;
};

} // namespace provision
