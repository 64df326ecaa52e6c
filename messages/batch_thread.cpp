#include "messages/batch_thread.hpp"

#include <sched.h>

namespace provision {

void become_batch_thread() noexcept {
#ifdef SCHED_BATCH
  const sched_param none{};
  if (::sched_getscheduler(0) == SCHED_OTHER)
    ::sched_setscheduler(0, SCHED_BATCH, &none);
#endif
}

} // namespace provision
