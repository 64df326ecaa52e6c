#include <cstdint>
#include <string>

#include "identity/entropy.hpp"
#include "identity/node_key.hpp"
#include "identity/secret_box.hpp"
#include "messages/hex.hpp"
#include "tests/fuzz/cutting.hpp"
#include "tests/fuzz/targets.hpp"

namespace provision::fuzz {

namespace {

node_key key_of(std::string_view seed) {
  return *node_key::from_seed(secret{seed});
}

/// The node and the user of the protocol's vectors, and somebody else.
const node_key& node() {
  static const auto key = key_of("helloworldhelloworldhelloworld12");
  return key;
}
const node_key& user() {
  static const auto key = key_of("12345678901234567890123456789012");
  return key;
}
const node_key& stranger() {
  static const auto key = key_of("strangerstrangerstrangerstranger");
  return key;
}

/// The same bytes for the same input.
class drawn_from final : public entropy {
public:
  explicit drawn_from(std::string_view bytes) : number_{number_in(bytes)} {}

  secret draw(std::size_t size) override {
    std::string bytes;
    for (; bytes.size() < size; number_ = number_ * 6364136223846793005U + 1)
      bytes += static_cast<char>(number_ >> 56U);
    return secret{bytes};
  }

private:
  std::uint64_t number_;
};

std::string with_a_bit_flipped(std::string box) {
  const auto bit = number_in(box) % (box.size() * 8U);
  box[bit / 8U] = static_cast<char>(box[bit / 8U] ^ (1U << (bit % 8U)));
  return box;
}

/// A box of any origin: what opens for the node opens for nobody else.
void open_any(std::string_view box) {
  using namespace secret_box;
  const bool is_sealed = open_sealed(box, node()).has_value();
  const bool is_boxed = decrypt(box, node(), user().public_key()).has_value();
  require(!(is_sealed && is_boxed), "a box has one form");
  require(!open_sealed(box, stranger()), "a stranger opens no sealed box");
  require(!decrypt(box, stranger(), user().public_key()),
          "a stranger opens no box");
  require(!decrypt(box, node(), stranger().public_key()),
          "a box is not a stranger's");
  const auto text = hex::encode(box);
  require(decrypt_text(0, text, node(), user().public_key()).has_value()
            == (is_sealed || box.empty()),
          "a sealed box opens as hexadecimal");
  require(decrypt_text(1, text, node(), user().public_key()).has_value()
            == (is_boxed || box.empty()),
          "a box opens as hexadecimal");
}

void check_opened(const expected<secret>& opened, std::string_view plain) {
  require(opened && opened->reveal() == plain, "a box holds what was put in");
}

void close_and_open(std::string_view plain) {
  using namespace secret_box;
  drawn_from random{plain};
  const auto sealed = seal(plain, node().public_key(), random);
  const auto boxed = encrypt(plain, user(), node().public_key(), random);
  require(sealed && boxed, "every text can be closed");
  check_opened(open_sealed(*sealed, node()), plain);
  check_opened(decrypt(*boxed, node(), user().public_key()), plain);
  require(!open_sealed(with_a_bit_flipped(*sealed), node()),
          "a sealed box with a flipped bit does not open");
  require(!decrypt(with_a_bit_flipped(*boxed), node(), user().public_key()),
          "a box with a flipped bit does not open");
  open_any(*sealed);
  open_any(*boxed);
}

} // namespace

void secret_envelope(std::string_view bytes) {
  // As a workload's text.
  for (const std::int64_t version : {0, 1})
    if (auto opened
        = secret_box::decrypt_text(version, bytes, node(), user().public_key());
        !opened)
      require(opened.error().code == errc::malformed_input
                && !opened.error().message.empty(),
              "a refusal says why");
  open_any(bytes);
  close_and_open(bytes);
}

} // namespace provision::fuzz
