#include "backends/gateway_backend.hpp"

#include "router/setup.hpp"

namespace provision {

std::string secret_digest(const secret& said) {
  return router::digest_of(said.reveal());
}

} // namespace provision
