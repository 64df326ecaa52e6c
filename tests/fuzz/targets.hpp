#pragma once

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>

/// What strangers' bytes can reach, one target per place where they come in. A
/// target takes any bytes and throws broken_promise if something does not hold
/// that must hold for all of them. It serves clang's fuzzer (libfuzzer/) and
/// the seeded mutations of the ordinary tests (seeds_test.cpp).
namespace provision::fuzz {

/// What a target throws; the text says which promise and shows the values.
struct broken_promise : std::logic_error {
  using std::logic_error::logic_error;
};

inline void require(bool holds, std::string_view promise) {
  if (!holds)
    throw broken_promise{std::string{promise}};
}

/// For what is written, read and written again.
inline void require_same(std::string_view what, std::string_view first,
                         std::string_view second) {
  if (first != second)
    throw broken_promise{std::string{what}
                           .append(" is not stable: ")
                           .append(first)
                           .append(" becomes ")
                           .append(second)};
}

/// One workload, reservation or result as JSON text.
void workload_json(std::string_view bytes);
/// The explorer's answer to a poll: a line with x-last-id, then the body.
void poll_page(std::string_view bytes);
/// A row of the store: one byte that says which kind, then its fields.
void stored_record(std::string_view bytes);
/// A configuration file.
void configuration(std::string_view bytes);
/// A request's method and target, then lines "Header: value".
void http_signature(std::string_view bytes);
/// The secret in a workload, as hexadecimal or as raw bytes.
void secret_envelope(std::string_view bytes);
/// What somebody writes into the local API's socket.
void local_api_request(std::string_view bytes);
/// A file of recorded reservations.
void replay_file(std::string_view bytes);
/// What a client says to the router that it dialled.
void router_frames(std::string_view bytes);

struct target {
  /// Also of its folder below corpus/ and its file below dictionary/.
  const char* name;
  void (*run)(std::string_view bytes);
};

inline constexpr std::array all_targets{
  target{"workload_json", workload_json},
  target{"poll_page", poll_page},
  target{"stored_record", stored_record},
  target{"configuration", configuration},
  target{"http_signature", http_signature},
  target{"secret_envelope", secret_envelope},
  target{"local_api_request", local_api_request},
  target{"replay_file", replay_file},
  target{"router_frames", router_frames},
};

} // namespace provision::fuzz
