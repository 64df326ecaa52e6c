#include <filesystem>
#include <ostream>

#include "daemon/commands.hpp"
#include "daemon/node.hpp"
#include "identity/key_file.hpp"
#include "identity/sodium/sodium_entropy.hpp"
#include "messages/hex.hpp"
#include "messages/json/json.hpp"

namespace provision::commands {

namespace {

expected<node_key> fresh_key(entropy& random) {
  constexpr std::size_t seed_bytes = 32;
  return node_key::from_seed(random.draw(seed_bytes));
}

int complain(const error& why, std::ostream& out) {
  out << "provisiond: " << why.message << '\n';
  return 1;
}

} // namespace

int identity_new(const config::node_config& settings, std::ostream& out) {
  node_paths paths{settings};
  std::error_code failure;
  std::filesystem::create_directories(
    std::filesystem::path{paths.identity}.parent_path(), failure);
  sodium_entropy random;
  auto key = fresh_key(random);
  if (!key)
    return complain(key.error(), out);
  if (auto refused = create_key_file(paths.identity, *key, random))
    return complain(refused, out);
  out << key->node_id() << '\n';
  return 0;
}

int identity_show(const config::node_config& settings, bool as_json,
                  std::ostream& out) {
  node_paths paths{settings};
  auto key = load_key_file(paths.identity);
  if (!key)
    return complain(key.error(), out);
  auto public_key = hex::encode(key->public_key());
  if (as_json)
    out << "{\"node_id\":" << json::quote(key->node_id())
        << ",\"public_key\":" << json::quote(public_key)
        << ",\"file\":" << json::quote(paths.identity) << "}\n";
  else
    out << "node id     " << key->node_id() << "\npublic key  " << public_key
        << "\nkey file    " << paths.identity << '\n';
  return 0;
}

} // namespace provision::commands
