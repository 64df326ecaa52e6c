#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace provision::salvage {

/// Takes LevelDB's numbers and texts from the front of a stretch of bytes.
class cutter {
public:
  explicit cutter(std::string_view bytes) : left_{bytes} {}

  bool empty() const noexcept { return left_.empty(); }
  std::string_view left() const noexcept { return left_; }

  /// LEB128.
  std::optional<std::uint64_t> number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !left_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(left_.front());
      left_.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7fU} << shift;
      if (byte < 0x80U)
        return value;
    }
    return std::nullopt;
  }

  std::optional<std::string_view> bytes(std::uint64_t size) {
    if (size > left_.size())
      return std::nullopt;
    const auto taken = left_.substr(0, static_cast<std::size_t>(size));
    left_.remove_prefix(taken.size());
    return taken;
  }

  /// Length and bytes.
  std::optional<std::string_view> text() {
    const auto size = number();
    return size ? bytes(*size) : std::nullopt;
  }

private:
  std::string_view left_;
};

/// Eight bytes, little-endian.
inline std::uint64_t fixed64(std::string_view bytes) noexcept {
  std::uint64_t value = 0;
  for (std::size_t n = 8; n > 0; --n)
    value = (value << 8U) | static_cast<unsigned char>(bytes[n - 1]);
  return value;
}

} // namespace provision::salvage
