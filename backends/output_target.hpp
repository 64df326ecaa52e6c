#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "identity/secret.hpp"
#include "messages/error.hpp"
#include "messages/workloads/address.hpp"

namespace provision {

/// What is told of a workload: what it writes to its standard output or
/// standard error, or what it uses (usage_sample.hpp).
enum class output_stream : std::uint8_t { output, errors, usage };

/// "standard output", "standard error", "usage"
std::string_view to_string(output_stream which);

/// A channel of a redis server.
struct redis_channel {
  workloads::ip_address host = {};
  std::uint16_t port = 6379;
  /// Empty: that of the password alone.
  std::string user = {};
  /// Empty: none is said.
  secret password = {};
  std::string channel = {};

  bool operator==(const redis_channel&) const = default;
};

/// "redis://[[user]:password@]address[:port]/channel" -> channel, which stays
/// as it is written, a query included. errc::malformed_input, whose message
/// repeats nothing of the text: it may hold a password. Names are not looked
/// up: a name server that hangs would hold up who waits for it.
expected<redis_channel> parse_redis_channel(std::string_view url);

/// Where one stream of a workload is to be sent.
struct output_target {
  output_stream stream = output_stream::output;
  redis_channel to = {};

  bool operator==(const output_target&) const = default;
};

} // namespace provision
