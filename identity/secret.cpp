#include "identity/secret.hpp"

#include <algorithm>
#include <utility>

#include <sodium.h>

namespace provision {

secret::secret(std::string_view bytes)
  : bytes_{bytes.empty() ? nullptr : new char[bytes.size()]}, size_{
                                                                bytes.size()} {
  std::copy(bytes.begin(), bytes.end(), bytes_.get());
}

secret::secret(const secret& other) : secret{other.reveal()} {
}

secret::secret(secret&& other) noexcept
  : bytes_{std::move(other.bytes_)}, size_{std::exchange(other.size_, 0)} {
}

secret& secret::operator=(const secret& other) {
  if (this != &other)
    *this = secret{other};
  return *this;
}

secret& secret::operator=(secret&& other) noexcept {
  if (this != &other) {
    wipe();
    bytes_ = std::move(other.bytes_);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

secret::~secret() {
  wipe();
}

secret secret::absorb(std::string& bytes) {
  secret taken{std::string_view{bytes}};
  provision::wipe(bytes);
  return taken;
}

bool secret::operator==(const secret& other) const noexcept {
  return size_ == other.size_
         && (size_ == 0
             || sodium_memcmp(bytes_.get(), other.bytes_.get(), size_) == 0);
}

void secret::wipe() noexcept {
  if (size_ != 0)
    sodium_memzero(bytes_.get(), size_);
  bytes_.reset();
  size_ = 0;
}

void wipe(std::string& bytes) noexcept {
  // Up to the capacity: an assignment of a shorter text leaves a tail behind.
  bytes.resize(bytes.capacity());
  if (!bytes.empty())
    sodium_memzero(bytes.data(), bytes.size());
  bytes.clear();
}

} // namespace provision
