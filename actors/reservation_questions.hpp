#pragma once

#include "actors/requests.hpp"
#include "actors/requests/fates.hpp"
#include "actors/reservation_list.hpp"
#include "persistence/reservation_store.hpp"

/// What an operator asks of the store. Every answer has a bound, because the
/// engine waits while the store is read.
namespace provision {

/// errc::no_such_reservation.
expected<reservation_history> history_from(reservation_store& store,
                                           const read_history& request);

expected<journal_lines> journal_from(reservation_store& store,
                                     const read_journal& request);

/// One fate per id, in order.
recalled_fates fates_from(reservation_store& store,
                          const recall_fates& request);

/// An error if a record cannot be read: then it is not known what it is called.
expected<host_names> names_from(reservation_store& store,
                                const list_host_names& request);

expected<quarantine_rows> quarantine_from(reservation_store& store,
                                          const read_quarantine& request);

expected<store_status> status_from(reservation_store& store);

} // namespace provision
