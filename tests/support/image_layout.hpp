#pragma once

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "backends/host/command.hpp"

/// OCI images made byte by byte, so that they may hold what no tool would put
/// into one.
namespace provision::test {

/// A file in a layer of an image.
struct layer_entry {
  /// As tar has it: '0' a file, '1' a hard link, '2' a symbolic link, '3' and
  /// '4' a device, '5' a folder, '6' a pipe.
  char kind = '0';
  std::string name = {};
  std::string content = {};
  /// What a link leads to.
  std::string to = {};
  unsigned mode = 0755;
  unsigned user = 0;
  unsigned major = 0;
  unsigned minor = 0;
};

inline std::string tar_header(const layer_entry& entry, std::uint64_t size) {
  std::string header(512, '\0');
  const auto put
    = [&](std::size_t at, std::size_t room, std::string_view text) {
        header.replace(at, std::min(room, text.size()),
                       text.substr(0, std::min(room, text.size())));
      };
  const auto put_number = [&](std::size_t at, std::uint64_t number) {
    char digits[16] = {};
    std::snprintf(digits, sizeof digits, "%07llo",
                  static_cast<unsigned long long>(number));
    put(at, 7, digits);
  };
  put(0, 100, entry.name);
  put_number(100, entry.mode);
  put_number(108, entry.user);
  put_number(116, entry.user);
  char digits[16] = {};
  std::snprintf(digits, sizeof digits, "%011llo",
                static_cast<unsigned long long>(size));
  put(124, 11, digits);
  put(136, 11, "00000000000");
  put(148, 8, "        ");
  header[156] = entry.kind;
  put(157, 100, entry.to);
  put(257, 8, std::string_view{"ustar\00000", 8});
  put_number(329, entry.major);
  put_number(337, entry.minor);
  unsigned sum = 0;
  for (const auto byte : header)
    sum += static_cast<unsigned char>(byte);
  std::snprintf(digits, sizeof digits, "%06o", sum);
  put(148, 7, std::string{digits} + '\0');
  return header;
}

/// The bytes of a layer, as a tar archive.
inline std::string tar_of(const std::vector<layer_entry>& entries) {
  std::string text;
  for (const auto& one : entries) {
    text += tar_header(one, one.content.size()) + one.content;
    text.resize((text.size() + 511) / 512 * 512, '\0');
  }
  return text + std::string(1024, '\0');
}

inline std::string sha256_of(const std::string& bytes) {
  const auto done = run({.program = "/usr/bin/sha256sum", .input = bytes});
  return done ? done->out.substr(0, 64) : std::string{};
}

/// A layer with its media type.
struct image_layer {
  std::string bytes = {};
  std::string type = "application/vnd.oci.image.layer.v1.tar";
};

/// Writes an OCI layout with one image, "latest". `config`: the member "config"
/// of its configuration, JSON.
inline void write_layout(const std::string& folder,
                         const std::vector<image_layer>& layers,
                         const std::string& config = "{}") {
  const auto blobs = folder + "/blobs/sha256/";
  std::filesystem::create_directories(blobs);
  const auto keep = [&](const std::string& bytes, const std::string& type) {
    const auto digest = sha256_of(bytes);
    std::ofstream{blobs + digest, std::ios::binary} << bytes;
    return "{\"mediaType\":\"" + type + "\",\"digest\":\"sha256:" + digest
           + "\",\"size\":" + std::to_string(bytes.size());
  };
  std::string list;
  std::string digests;
  for (const auto& one : layers) {
    const auto comma = list.empty() ? "" : ",";
    list += comma + keep(one.bytes, one.type) + '}';
    digests += comma + ("\"sha256:" + sha256_of(one.bytes)) + '"';
  }
  const auto configuration
    = keep("{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":" + config
             + R"(,"rootfs":{"type":"layers","diff_ids":[)" + digests + "]}}",
           "application/vnd.oci.image.config.v1+json");
  const auto manifest = keep("{\"schemaVersion\":2,\"config\":" + configuration
                               + "},\"layers\":[" + list + "]}",
                             "application/vnd.oci.image.manifest.v1+json");
  std::ofstream{folder + "/index.json"}
    << "{\"schemaVersion\":2,\"manifests\":[" << manifest
    << R"(,"annotations":{"org.opencontainers.image.ref.name":"latest"}}]})";
  std::ofstream{folder + "/oci-layout"} << R"({"imageLayoutVersion":"1.0.0"})";
}

} // namespace provision::test
