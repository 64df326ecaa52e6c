#pragma once

#include <cstddef>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>

namespace provision {

/// Bytes that must not leave by accident: a seed, a password, a mnemonic. They
/// are wiped when the secret dies, and no log, stream or formatter takes them;
/// only reveal() shows them. Copies own (and wipe) bytes of their own.
class secret {
public:
  secret() noexcept = default;

  /// A copy of `bytes`; the caller keeps, and should wipe, the original.
  explicit secret(std::string_view bytes);

  secret(const secret& other);
  secret(secret&& other) noexcept;
  secret& operator=(const secret& other);
  secret& operator=(secret&& other) noexcept;
  ~secret();

  /// Takes over what `bytes` holds and leaves it wiped and empty.
  static secret absorb(std::string& bytes);

  /// The bytes, valid as long as this secret is neither changed nor gone.
  std::string_view reveal() const noexcept { return {bytes_.get(), size_}; }

  bool empty() const noexcept { return size_ == 0; }
  std::size_t size() const noexcept { return size_; }

  /// Takes the same time wherever the bytes differ.
  bool operator==(const secret& other) const noexcept;

private:
  void wipe() noexcept;

  std::unique_ptr<char[]> bytes_ = {};
  std::size_t size_ = 0;
};

// The ways in which text is usually made of a value, closed.
std::ostream& operator<<(std::ostream&, const secret&) = delete;
std::string to_string(const secret&) = delete;
std::string_view format_as(const secret&) = delete;

/// Overwrites `bytes` in a way that no optimiser removes, and empties it.
void wipe(std::string& bytes) noexcept;

} // namespace provision
