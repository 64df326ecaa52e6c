#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "messages/error.hpp"

namespace provision {

/// Where Debian's golang-github-containers-common keeps the profile that
/// containers of other engines run under, too.
inline constexpr const char* common_seccomp_profile
  = "/usr/share/containers/seccomp.json";

/// The member "seccomp" of an OCI configuration, made of such a profile for
/// this machine's architecture and a process with these capabilities; stricter
/// than the profile in that no namespaces can be made and nothing be mounted.
/// errc::backend_failure if the text is no profile.
expected<std::string>
seccomp_rules(std::string_view profile,
              const std::vector<std::string>& capabilities);

} // namespace provision
