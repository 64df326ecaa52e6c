#include "router/yamux.hpp"

namespace provision::yamux {

namespace {

void append(std::string& to, std::uint32_t number, int bytes) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
    to += static_cast<char>((number >> static_cast<unsigned>(shift)) & 0xffU);
}

std::uint32_t number_in(std::string_view bytes) {
  std::uint32_t number = 0;
  for (const unsigned char byte : bytes)
    number = number << 8U | byte;
  return number;
}

} // namespace

std::string write(const header& what) {
  std::string out(1, '\0');
  append(out, static_cast<std::uint8_t>(what.type), 1);
  append(out, what.flags, 2);
  append(out, what.stream, 4);
  append(out, what.length, 4);
  return out;
}

std::optional<header> read(std::string_view bytes) {
  constexpr auto last = static_cast<std::uint32_t>(frame_type::go_away);
  if (bytes.size() != header_size || bytes[0] != '\0'
      || number_in(bytes.substr(1, 1)) > last)
    return std::nullopt;
  return header{.type = static_cast<frame_type>(bytes[1]),
                .flags
                = static_cast<std::uint16_t>(number_in(bytes.substr(2, 2))),
                .stream = number_in(bytes.substr(4, 4)),
                .length = number_in(bytes.substr(8, 4))};
}

} // namespace provision::yamux
