#pragma once

#include <string>

#include "tests/backends/machine_host.hpp"
#include "tests/support/greeting.hpp"

/// What machines say over their networks.
namespace provision::test {

/// As greeting(), asked from the router.
inline std::string heard_from(const std::string& there,
                              const std::string& space
                              = network_host::names("a").router,
                              int repeats = 5) {
  const auto heard = greeting(there, space, repeats);
  BOOST_CHECK_MESSAGE(heard, why(heard));
  return heard.value_or("");
}

/// Whether it says this, soon: a machine tells that it is up a moment before it
/// listens.
inline bool is_heard(const std::string& what, const std::string& there,
                     const std::string& space
                     = network_host::names("a").router) {
  return eventually([&] { return heard_from(there, space) == what; });
}

inline bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace provision::test
