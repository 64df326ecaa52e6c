#include <array>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <string_view>

#include <openssl/evp.h>

#include "messages/base58.hpp"
#include "messages/reservation.hpp"

namespace provision {

namespace {

constexpr std::size_t network_id_size = 13;
constexpr std::size_t md5_size = 16;

} // namespace

std::string network_id(std::string_view user_id, std::string_view name) {
  std::string text;
  text.append(user_id).append(name);
  std::array<char, EVP_MAX_MD_SIZE> digest{};
  // MD5 is no safeguard here, only the original's way to shorten a name. An
  // OpenSSL without it would give all networks one id: better to stop.
  if (EVP_Digest(text.data(), text.size(),
                 reinterpret_cast<unsigned char*>(digest.data()), nullptr,
                 EVP_md5(), nullptr)
      != 1)
    std::abort();
  return base58::encode({digest.data(), md5_size}).substr(0, network_id_size);
}

} // namespace provision
