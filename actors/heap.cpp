#include "actors/heap.hpp"

#include <cstdlib>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace provision {

void set_up_heap() noexcept {
#ifdef __GLIBC__
  // Documents are larger than 1 KiB: each of them would make the library look
  // through all small pieces that were freed lately.
  ::mallopt(M_MXFAST, 0);
#endif
}

} // namespace provision
