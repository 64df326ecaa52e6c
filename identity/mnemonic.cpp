#include "identity/mnemonic.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <sodium.h>

#include "identity/bip39_words.hpp"
#include "identity/ed25519.hpp"

namespace provision::mnemonic {

namespace {

constexpr std::size_t word_count = 24;
constexpr std::size_t bits_per_word = 11;
constexpr std::string_view white_space = " \t\r\n";

// 24 * 11 bits: the seed's 256 and a checksum of 8.
static_assert(word_count * bits_per_word == 8 * (ed25519::seed_size + 1));

char checksum_of(std::string_view seed) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest;
  crypto_hash_sha256(digest.data(),
                     reinterpret_cast<const unsigned char*>(seed.data()),
                     seed.size());
  auto first = static_cast<char>(digest[0]);
  sodium_memzero(digest.data(), digest.size());
  return first;
}

bool bit_at(std::string_view bytes, std::size_t index) {
  return (static_cast<unsigned char>(bytes[index / 8]) >> (7 - index % 8) & 1)
         != 0;
}

std::optional<std::size_t> number_of(std::string_view word) {
  auto place = std::lower_bound(bip39_words.begin(), bip39_words.end(), word);
  if (place == bip39_words.end() || *place != word)
    return std::nullopt;
  return static_cast<std::size_t>(place - bip39_words.begin());
}

std::string_view next_word(std::string_view& text) {
  text.remove_prefix(
    std::min(text.find_first_not_of(white_space), text.size()));
  auto word = text.substr(0, text.find_first_of(white_space));
  text.remove_prefix(word.size());
  return word;
}

std::size_t count_words(std::string_view text) {
  std::size_t count = 0;
  while (!next_word(text).empty())
    ++count;
  return count;
}

} // namespace

expected<secret> encode(const secret& seed) {
  if (seed.size() != ed25519::seed_size)
    return fail(errc::malformed_input, "seed must have 32 bytes");
  std::string bits{seed.reveal()};
  bits += checksum_of(seed.reveal());
  std::string text;
  // Longer than any 24 words, so that no copy is left behind by growing.
  text.reserve(word_count * 9);
  for (std::size_t word = 0; word < word_count; ++word) {
    std::size_t number = 0;
    for (std::size_t bit = 0; bit < bits_per_word; ++bit)
      number = number << 1U | bit_at(bits, word * bits_per_word + bit);
    if (word != 0)
      text += ' ';
    text += bip39_words[number];
  }
  wipe(bits);
  return secret::absorb(text);
}

expected<secret> decode(const secret& words) {
  auto text = words.reveal();
  if (auto count = count_words(text); count != word_count)
    return fail(errc::malformed_input, "mnemonic has " + std::to_string(count)
                                         + " words instead of 24");
  std::string bits(ed25519::seed_size + 1, '\0');
  for (std::size_t word = 0; word < word_count; ++word) {
    auto number = number_of(next_word(text));
    if (!number) {
      wipe(bits);
      return fail(errc::malformed_input, "word " + std::to_string(word + 1)
                                           + " of the mnemonic is unknown");
    }
    for (std::size_t bit = 0; bit < bits_per_word; ++bit) {
      auto place = word * bits_per_word + bit;
      if ((*number >> (bits_per_word - 1 - bit) & 1U) != 0)
        bits[place / 8]
          = static_cast<char>(bits[place / 8] | 0x80 >> place % 8);
    }
  }
  auto checksum = bits.back();
  bits.pop_back();
  auto seed = secret::absorb(bits);
  if (checksum != checksum_of(seed.reveal()))
    return fail(errc::malformed_input,
                "checksum of the mnemonic does not match");
  return seed;
}

} // namespace provision::mnemonic
