#pragma once

#include "backends/host/container_images.hpp"

namespace provision {

/// Name and tag of the OCI layout that fetch_image() makes.
constexpr auto fetched_layout = "layout";
constexpr auto fetched_tag = "fetched";

/// Fetches an image that is not a layout already into `arrivals`, an empty
/// folder of this process alone. The program that does so talks to registries,
/// so it has no right (confined_program.hpp) and sees the operator's
/// credentials and an archive of his only while it runs, in memory and as a
/// copy; what it leaves is taken out of its reach before anybody looks at it.
/// Errors as container_images::get().
error fetch_image(const container_image_options& options,
                  const image_reference& wanted, const folder& arrivals);

/// Runs the program that fetches, confined as it will be, in a folder below
/// `scratch`; asks it for its version alone. errc::host_unavailable or
/// errc::backend_failure if that does not work here.
error try_fetching(const image_tools& tools, const std::string& scratch);

} // namespace provision
