#pragma once

#include <sys/fsuid.h>

namespace provision::test {

/// As long as it is there, files are opened on this thread with the rights of
/// nobody: what root keeps to itself cannot be read. Needs root.
class as_nobody {
public:
  as_nobody() { ::setfsuid(nobody); }
  ~as_nobody() { ::setfsuid(0); }
  as_nobody(const as_nobody&) = delete;
  as_nobody& operator=(const as_nobody&) = delete;

private:
  static constexpr unsigned nobody = 65534;
};

} // namespace provision::test
