#include "router/setup.hpp"

#include <array>
#include <charconv>

#include <openssl/evp.h>

#include "messages/hex.hpp"
#include "shim/lines.hpp"

namespace provision::router {

std::string write_setup(const setup& what) {
  shim::line_writer out;
  out.add("listen", what.host, std::to_string(what.port));
  out.add("status", what.status);
  for (const auto& one : what.tunnels)
    out.add("tunnel", one.digest, one.door);
  return std::move(out).finish();
}

expected<setup> read_setup(std::string_view text) {
  setup read;
  const auto corrupt
    = [] { return fail(errc::storage_corrupt, "is no setup of a router"); };
  for (const auto& one : shim::read_lines(text)) {
    if (one.name == "status" && one.fields.size() == 1) {
      read.status = one.fields[0];
    } else if (one.fields.size() != 2) {
      return corrupt();
    } else if (one.name == "tunnel") {
      read.tunnels.push_back({one.fields[0], one.fields[1]});
    } else if (one.name == "listen") {
      const auto& port = one.fields[1];
      read.host = one.fields[0];
      std::from_chars(port.data(), port.data() + port.size(), read.port);
    } else {
      return corrupt();
    }
  }
  if (read.host.empty() || read.status.empty())
    return corrupt();
  return read;
}

std::string digest_of(std::string_view secret) {
  std::array<char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(secret.data(), secret.size(),
             reinterpret_cast<unsigned char*>(digest.data()), &size,
             EVP_sha256(), nullptr);
  return hex::encode({digest.data(), size});
}

std::string generation_of(std::string_view setup_text) {
  return digest_of(setup_text).substr(0, 16);
}

} // namespace provision::router
