#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "backends/host/command.hpp"

namespace provision::test {

/// The program of which the image is made; the error names the package.
inline expected<std::string> busybox() {
  auto path = find_program("busybox", "busybox-static");
  if (!path)
    return path;
  // One that needs libraries would not run alone.
  const auto told = run({.program = *path, .arguments = {"true"}});
  return told ? path : fail(told.error());
}

/// Makes an OCI layout "<folder>/box" with an image "latest": busybox with its
/// usual names, which sets FROM_IMAGE=yes and runs a shell.
inline error make_box_image(const std::string& folder) {
  namespace fs = std::filesystem;
  const auto box = busybox();
  const auto umoci = find_program("umoci", "umoci");
  if (!box || !umoci)
    return !box ? box.error() : umoci.error();
  const auto files = folder + "/files";
  fs::create_directories(files + "/bin");
  fs::create_directories(files + "/tmp");
  fs::copy_file(*box, files + "/bin/busybox");
  for (const auto* name :
       {"cat",   "chmod", "cp",       "dd",   "df",      "echo", "env",
        "grep",  "head",  "hostname", "id",   "ip",      "kill", "ls",
        "mkdir", "mknod", "mount",    "nc",   "ps",      "sh",   "sleep",
        "stat",  "tail",  "touch",    "true", "unshare", "wget"})
    fs::create_symlink("busybox", files + "/bin/" + name);
  const auto image = folder + "/box:latest";
  for (const auto& words : std::vector<std::vector<std::string>>{
         {"init", "--layout", folder + "/box"},
         {"new", "--image", image},
         {"insert", "--image", image, files, "/"},
         {"config", "--image", image, "--config.cmd", "/bin/sh", "--config.env",
          "FROM_IMAGE=yes", "--config.env", "PATH=/bin"}})
    if (auto done = run({.program = *umoci, .arguments = words}); !done)
      return done.error();
  fs::remove_all(files);
  return {};
}

} // namespace provision::test
