#include "persistence/reservation_store.hpp"

namespace provision {

bool transition_batch::empty() const noexcept {
  return puts.empty() && gone.empty() && quarantine.empty() && released.empty()
         && outbox.empty() && delivered.empty() && parked.empty()
         && journal.empty() && cursors.empty();
}

} // namespace provision
