#pragma once

#include <filesystem>
#include <string>

#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "backends/host/container_images.hpp"
#include "tests/backends/scratch_pool.hpp"
#include "tests/explorer/raw_server.hpp"
#include "tests/support/image_layout.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/unless.hpp"

namespace provision::test {

inline boost::test_tools::assertion_result
images_can_be_fetched(boost::unit_test::test_unit_id) {
  if (::geteuid() != 0)
    return unless("needs root to give files to users of containers");
  for (const auto* tool : {"umoci", "skopeo", "docker-registry"})
    if (const auto found = find_program(tool, tool); !found)
      return unless(found.error().message);
  return unless("");
}

struct fetching_fixture {
  container_image_options options(const std::string& address) const {
    return {.folder = root + "/images",
            .own_images = root + "/own",
            .tools = find_image_tools().value(),
            .plain_registries = {address},
            .patience = 20s};
  }

  static container_images images(const container_image_options& how) {
    auto opened = container_images::open(how);
    BOOST_REQUIRE(opened);
    return std::move(*opened);
  }

  /// A node's images; `address`: a registry without TLS.
  container_images images(const std::string& address,
                          const std::string& auth_file = {},
                          std::chrono::milliseconds patience = 20s) const {
    auto how = options(address);
    how.auth_file = auth_file;
    how.patience = patience;
    return images(how);
  }

  void write(const std::string& text) const {
    std::filesystem::remove_all(root + "/layout");
    write_layout(root + "/layout",
                 {{tar_of({{.name = "file", .content = text}})}},
                 R"({"Cmd":["/file"]})");
  }

  const scratch_folder scratch;
  const std::string root = std::filesystem::canonical(scratch.path()).string();
};

inline image_reference named(const std::string& name) {
  return {.from = image_reference::source::registry, .name = name};
}

inline std::string answer(const std::string& status, const std::string& headers,
                          const std::string& body) {
  return "HTTP/1.1 " + status + "\r\nConnection: close\r\n" + headers
         + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// "/v2/box/manifests/1" of "GET /v2/box/manifests/1 HTTP/1.1...".
inline std::string path_of(const std::string& request) {
  const auto from = request.find(' ') + 1;
  return request.substr(from, request.find(' ', from) - from);
}

} // namespace provision::test
