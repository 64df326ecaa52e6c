#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "messages/error.hpp"

namespace provision::router {

/// Who may dial in, and what is carried to him.
struct tunnel {
  /// digest_of() the secret that he says.
  std::string digest = {};
  /// Path of the socket where visitors come in.
  std::string door = {};

  bool operator==(const tunnel&) const = default;
};

/// What a router runs by.
struct setup {
  /// Where clients dial in; numeric. Port 0: the system chooses.
  std::string host = {};
  std::uint16_t port = 0;
  /// Path of the socket where it says by which setup it runs.
  std::string status = {};
  std::vector<tunnel> tunnels = {};

  bool operator==(const setup&) const = default;
};

/// As lines of text (shim/lines.hpp).
std::string write_setup(const setup& what);
/// errc::storage_corrupt for anything that write_setup() did not make.
expected<setup> read_setup(std::string_view text);

/// SHA-256 in hex: nobody has to keep the secret itself.
std::string digest_of(std::string_view secret);

/// What a router says at its socket that runs by this text.
std::string generation_of(std::string_view setup_text);

} // namespace provision::router
