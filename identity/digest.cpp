#include "identity/digest.hpp"

#include <sodium.h>

#include "identity/sodium/ready.hpp"

namespace provision {

std::string digest(std::string_view bytes) {
  sodium_ready();
  std::string made(digest_size, '\0');
  crypto_generichash(reinterpret_cast<unsigned char*>(made.data()), made.size(),
                     reinterpret_cast<const unsigned char*>(bytes.data()),
                     bytes.size(), nullptr, 0);
  return made;
}

} // namespace provision
