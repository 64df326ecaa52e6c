// Makes the data folder of a node that runs many workloads, for its daemon to
// be asked about: key, store, and a line of the journal for each.
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string_view>

#include "bench/replay/cached_store.hpp"
#include "identity/key_file.hpp"
#include "identity/signer.hpp"
#include "identity/sodium/sodium_entropy.hpp"

int main(int argc, char** argv) {
  using namespace provision;
  std::uint64_t count = 0;
  if (argc == 3) {
    const std::string_view text{argv[2]};
    std::from_chars(text.data(), text.data() + text.size(), count);
  }
  if (count == 0) {
    std::cerr << "usage: fill-store DATA_DIR COUNT\n";
    return 2;
  }
  const std::string folder = argv[1];
  std::filesystem::create_directories(folder);
  sodium_entropy random;
  const auto key = load_or_create_key_file(folder + "/identity.key", random);
  const auto failed
    = !key
        ? key.error()
        : bench::build_store({.folder = folder + "/store",
                              .node_id = key->node_id(),
                              .mix = *bench::read_mix(bench::default_mix),
                              .count = count,
                              .signs = std::make_shared<ed25519_signer>(*key),
                              .has_lines = true});
  if (failed)
    std::cerr << "fill-store: " << to_string(failed) << '\n';
  else
    std::cout << key->node_id() << '\n';
  return failed ? 1 : 0;
}
