#include "identity/sodium/ready.hpp"

#include <sodium.h>

namespace provision {

bool sodium_ready() noexcept {
  static const bool ready = sodium_init() >= 0;
  return ready;
}

} // namespace provision
