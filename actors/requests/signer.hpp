#pragma once

#include <vector>

#include "messages/error.hpp"
#include "messages/result.hpp"

/// Results and their signatures.
namespace provision {

struct sign_results {
  std::vector<result> results = {};
};

struct signed_results {
  std::vector<result> results = {};
  /// Set if the key cannot sign; then none of the results is signed.
  error failure = {};
};

} // namespace provision
