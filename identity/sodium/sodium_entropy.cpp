#include "identity/sodium/sodium_entropy.hpp"

#include <string>

#include <sodium.h>

#include "identity/sodium/ready.hpp"

namespace provision {

secret sodium_entropy::draw(std::size_t size) {
  sodium_ready();
  std::string bytes(size, '\0');
  randombytes_buf(bytes.data(), bytes.size());
  return secret::absorb(bytes);
}

} // namespace provision
