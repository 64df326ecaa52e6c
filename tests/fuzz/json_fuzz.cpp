#include <cstddef>
#include <cstdint>

#include "tests/fuzz/json_target.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): the fuzzer's name for it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  provision::fuzz::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
