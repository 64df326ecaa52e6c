#pragma once

#include <string>
#include <vector>

namespace provision {

/// The words that, before a program's own, start it as root without any of
/// root's powers, and without the means to get them back. `setpriv`: the
/// program by its absolute path.
inline std::vector<std::string> without_powers(const std::string& setpriv) {
  return {setpriv, "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"};
}

} // namespace provision
