#include <algorithm>
#include <charconv>
#include <filesystem>

#include "backends/host/container_images.hpp"
#include "backends/host/image_layout.hpp"
#include "shim/remove_tree.hpp"
#include "shim/small_file.hpp"

// How much room unpacked images take, and which of them go first.
namespace provision {

std::uint64_t container_images::bytes_of(const std::string& digest) const {
  const auto text = shim::read_small(place_.path(digest) + "/bytes");
  std::uint64_t bytes = 0;
  const auto* end = text.data() + text.size();
  if (std::from_chars(text.data(), end, bytes).ec == std::errc{})
    return bytes;
  return taken_bytes(place_.path(digest)).value_or(0);
}

/// Until `bytes` more are within the bound.
error container_images::make_room(std::uint64_t bytes) const {
  struct candidate {
    std::filesystem::file_time_type asked_at;
    std::string digest;
    std::uint64_t bytes = 0;
  };
  const auto names = place_.names();
  if (!names)
    return names.error();
  std::vector<candidate> all;
  std::uint64_t sum = bytes;
  for (const auto& name : *names)
    if (is_plain_digest(name)) {
      std::error_code unknown;
      all.push_back(
        {std::filesystem::last_write_time(place_.path(name), unknown), name,
         bytes_of(name)});
      sum += all.back().bytes;
    }
  std::ranges::sort(all, {}, &candidate::asked_at);
  for (const auto& one : all) {
    if (sum <= options_.images_bytes_max)
      return {};
    if (options_.in_use(one.digest))
      continue;
    if (auto failed = shim::remove_tree(place_.path(one.digest)))
      return failed;
    sum -= one.bytes;
  }
  if (sum <= options_.images_bytes_max)
    return {};
  return {errc::disk_full, "the images that containers use leave no room for "
                           "another: "
                             + std::to_string(options_.images_bytes_max)
                             + " bytes are allowed"};
}

} // namespace provision
