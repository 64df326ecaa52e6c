#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// How clients of a tcprouter carry many connections over one: frames of a
/// header of 12 bytes and, for data, what follows it (the protocol yamux,
/// version 0). All numbers are in network order.
namespace provision::yamux {

enum class frame_type : std::uint8_t {
  data = 0,
  window_update = 1,
  ping = 2,
  go_away = 3,
};

/// A stream begins with syn, is accepted with ack, ends in one direction with
/// fin and in both with rst; a ping is asked with syn and answered with ack.
inline constexpr std::uint16_t syn = 1;
inline constexpr std::uint16_t ack = 2;
inline constexpr std::uint16_t fin = 4;
inline constexpr std::uint16_t rst = 8;

inline constexpr std::size_t header_size = 12;
/// What either side may send on a stream before the other has said that it took
/// some, bytes.
inline constexpr std::uint32_t window_size = 256U << 10U;

struct header {
  frame_type type = frame_type::data;
  std::uint16_t flags = 0;
  /// 0: the whole session.
  std::uint32_t stream = 0;
  /// Of what follows; of a window_update: what may be sent beyond before.
  std::uint32_t length = 0;

  bool operator==(const header&) const = default;
};

std::string write(const header& what);

/// Nothing for another version or type. `bytes`: header_size of them.
std::optional<header> read(std::string_view bytes);

} // namespace provision::yamux
