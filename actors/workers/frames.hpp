#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>

#include "messages/error.hpp"

/// Messages on a stream: four bytes of size, the lowest last, a byte that tells
/// one kind of message from another, then the message as CAF serialises it.
namespace provision::frames {

/// Bytes of a size.
inline constexpr std::size_t head_size = 4;

/// A document has at most 1 MiB; escaped once more it stays far below this.
inline constexpr std::size_t body_bytes_max = 16U << 20U;

/// Puts one message behind what `stream` holds. errc::input_too_large: nothing
/// was put there.
template <class Message>
error append(caf::actor_system& system, std::vector<char>& stream,
             Message message) {
  std::vector<char> body;
  caf::binary_serializer sink{system, body};
  if (sink(message))
    return {errc::malformed_input, "message cannot be written"};
  const auto size = body.size() + 1;
  if (size > body_bytes_max)
    return {errc::input_too_large,
            "message of " + std::to_string(size) + " bytes"};
  for (int shift = 24; shift >= 0; shift -= 8)
    stream.push_back(static_cast<char>((size >> shift) & 0xFFU));
  stream.push_back(Message::kind);
  stream.insert(stream.end(), body.begin(), body.end());
  return {};
}

/// The size that a head announces; errc::malformed_input for one that no
/// message has.
inline expected<std::size_t> body_size(const std::vector<char>& head) {
  std::size_t size = 0;
  for (const char byte : head)
    size = (size << 8U) | static_cast<unsigned char>(byte);
  if (head.size() != head_size || size == 0 || size > body_bytes_max)
    return fail(errc::malformed_input, "no message has this size");
  return size;
}

/// Whether a body holds a message of this kind.
template <class Message>
bool is(const std::vector<char>& body) {
  return !body.empty() && body.front() == Message::kind;
}

/// The message of a body; errc::malformed_input unless it fills it exactly.
template <class Message>
expected<Message> read(caf::actor_system& system,
                       const std::vector<char>& body) {
  if (!is<Message>(body))
    return fail(errc::malformed_input, "not the message that was expected");
  const std::vector<char> rest{body.begin() + 1, body.end()};
  Message message;
  caf::binary_deserializer source{system, rest};
  if (source(message) || source.remaining() != 0)
    return fail(errc::malformed_input, "not the message that was expected");
  return message;
}

} // namespace provision::frames
