#include "explorer/simulated/digest.hpp"

#include <openssl/evp.h>

#include "messages/hex.hpp"

namespace provision::simulated {

namespace {

std::string digest(const EVP_MD* method, std::string_view text) {
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), bytes, &size, method, nullptr);
  return {reinterpret_cast<const char*>(bytes), size};
}

} // namespace

std::string sha256(std::string_view text) {
  return digest(EVP_sha256(), text);
}

std::string md5_hex(std::string_view text) {
  return hex::encode(digest(EVP_md5(), text));
}

} // namespace provision::simulated
