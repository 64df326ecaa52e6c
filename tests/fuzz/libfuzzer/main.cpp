#include <cstddef>
#include <cstdint>

#include "tests/fuzz/targets.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): the fuzzer's name for it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  provision::fuzz::FUZZ_TARGET({reinterpret_cast<const char*>(data), size});
  return 0;
}
