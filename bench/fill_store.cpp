// Writes a store full of workloads that run, for a daemon to be asked about.
#include <charconv>
#include <cstdint>
#include <iostream>
#include <string_view>

#include "bench/replay/cached_store.hpp"

int main(int argc, char** argv) {
  using namespace provision;
  std::uint64_t count = 0;
  if (argc == 4) {
    const std::string_view text{argv[3]};
    std::from_chars(text.data(), text.data() + text.size(), count);
  }
  if (count == 0) {
    std::cerr << "usage: fill-store FOLDER NODE_ID COUNT\n";
    return 2;
  }
  const auto failed
    = bench::build_store({.folder = argv[1],
                          .node_id = argv[2],
                          .mix = *bench::read_mix(bench::default_mix),
                          .count = count});
  if (failed)
    std::cerr << "fill-store: " << to_string(failed) << '\n';
  return failed ? 1 : 0;
}
