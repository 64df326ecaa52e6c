#include "identity/key_file.hpp"

#include <cerrno>
#include <string_view>
#include <utility>

#include <simdjson.h>

#include "identity/ed25519.hpp"
#include "identity/mnemonic.hpp"
#include "identity/private_file.hpp"

namespace provision {

namespace {

/// Far more than either format needs.
constexpr std::size_t key_file_size_max = 4096;

constexpr std::string_view raw_seed_version = R"("1.0.0")";
constexpr std::string_view mnemonic_version = R"("1.1.0")";

expected<secret> read_raw_seed(std::string_view payload) {
  if (payload.size() != ed25519::seed_size)
    return fail(errc::malformed_input, "seed has "
                                         + std::to_string(payload.size())
                                         + " bytes instead of 32");
  return secret{payload};
}

/// Text of the member "mnemonic" of `object`. The raw token is taken, since
/// unescaping would leave a copy of the words behind in the parser; words with
/// escapes do not pass as words anyway.
expected<secret> read_mnemonic_member(const std::string& object) {
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  simdjson::ondemand::value member;
  std::string_view token;
  if (parser.iterate(object).get(document)
      || document.find_field_unordered("mnemonic").get(member))
    return fail(errc::malformed_input, R"(no JSON object with "mnemonic")");
  token = member.raw_json_token();
  if (!token.starts_with('"'))
    return fail(errc::malformed_input, R"("mnemonic" is not a text)");
  token.remove_prefix(1);
  return secret{token.substr(0, token.find('"'))};
}

expected<secret> read_mnemonic(std::string_view payload) {
  std::string object;
  object.reserve(payload.size() + simdjson::SIMDJSON_PADDING);
  object = payload;
  auto words = read_mnemonic_member(object);
  wipe(object);
  if (!words)
    return words;
  return mnemonic::decode(*words);
}

expected<secret> read_seed(std::string_view text) {
  if (text.starts_with(raw_seed_version))
    return read_raw_seed(text.substr(raw_seed_version.size()));
  if (text.starts_with(mnemonic_version))
    return read_mnemonic(text.substr(mnemonic_version.size()));
  return fail(errc::malformed_input,
              R"(it does not start with "1.0.0" or "1.1.0" in quotes)");
}

} // namespace

expected<node_key> load_key_file(const std::string& path) {
  auto contents = private_file::read(path, key_file_size_max);
  if (!contents)
    return fail(contents.error());
  auto key = read_seed(contents->reveal()).and_then(node_key::from_seed);
  if (!key)
    return fail(errc::identity_unusable,
                "key file " + path + " is malformed: " + key.error().message
                  + "; restore it from a backup");
  return key;
}

error create_key_file(const std::string& path, const node_key& key,
                      entropy& random) {
  std::string contents;
  contents.reserve(raw_seed_version.size() + ed25519::seed_size);
  contents += raw_seed_version;
  contents += key.seed().reveal();
  auto bytes = secret::absorb(contents);
  return private_file::create(path, bytes.reveal(), random);
}

expected<node_key> load_or_create_key_file(const std::string& path,
                                           entropy& random) {
  auto found = load_key_file(path);
  if (found || found.error().detail != ENOENT)
    return found;
  auto made = node_key::from_seed(random.draw(ed25519::seed_size));
  if (!made)
    return made;
  auto failure = create_key_file(path, *made, random);
  // Another start was faster, and its key is the node's.
  if (failure.code == errc::already_exists)
    return load_key_file(path);
  if (failure)
    return fail(std::move(failure));
  return made;
}

} // namespace provision
