#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "backends/host/file_descriptor.hpp"
#include "messages/error.hpp"
#include "messages/workloads/address.hpp"

namespace provision {

/// What a server of the Redis protocol (RESP) answers to one command.
struct resp_answer {
  enum class kind : std::uint8_t {
    /// "OK", or a value.
    text,
    /// The command failed; `text` says why.
    refusal,
    number,
    list,
    nothing,
  };

  kind is = kind::nothing;
  std::string text = {};
  std::int64_t number = 0;
  std::vector<resp_answer> items = {};
};

/// A command's words; they may hold any bytes.
using resp_command = std::vector<std::string_view>;

/// What is borne with in a conversation.
struct resp_limits {
  /// For connecting, and for all answers to what is sent at once.
  std::chrono::milliseconds patience{5000};
  /// All answers to what is sent at once.
  std::size_t answer_bytes_max = 1U << 20U;
  /// Readable once nobody waits any more: every call then fails at once with
  /// errc::shutting_down. -1: there is none.
  int interruption = -1;
};

/// A conversation with a server of the Redis protocol. The server need not be
/// trusted: whatever it sends, and however slowly, the limits hold. After an
/// error the conversation is over. One thread at a time.
class resp_client {
public:
  /// errc::backend_failure, errc::deadline_exceeded.
  static expected<resp_client> connect(const std::string& socket_path,
                                       resp_limits limits = {});
  static expected<resp_client> connect(const workloads::ip_address& address,
                                       std::uint16_t port,
                                       resp_limits limits = {});

  /// Sends the commands at once, and yields an answer for each, in order.
  /// What was sent is wiped from memory, so they may hold secrets.
  /// errc::backend_failure: the server hung up, or what it says is no RESP or
  /// too much; errc::deadline_exceeded.
  expected<std::vector<resp_answer>>
  ask(const std::vector<resp_command>& commands);

  expected<resp_answer> ask(const resp_command& command);

private:
  resp_client(file_descriptor socket, std::string peer, resp_limits limits)
    : socket_{std::move(socket)}, peer_{std::move(peer)}, limits_{limits} {}

  using steady = std::chrono::steady_clock;

  static expected<resp_client> connect(file_descriptor socket, std::string peer,
                                       const void* name, unsigned name_size,
                                       resp_limits limits);
  error wait_for(short event, steady::time_point until) const;
  error send(std::string_view text, steady::time_point until) const;
  expected<std::vector<resp_answer>> hear(std::size_t count,
                                          steady::time_point until) const;

  file_descriptor socket_;
  /// For messages.
  std::string peer_;
  resp_limits limits_;
};

} // namespace provision
