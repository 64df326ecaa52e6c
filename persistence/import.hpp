#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "messages/error.hpp"
#include "messages/timestamp.hpp"
#include "persistence/reservation_store.hpp"

namespace provision {

/// A file that was left where it is.
struct refused_file {
  std::string file = {};
  error reason = {};
};

struct import_report {
  std::uint64_t imported = 0;
  /// Known already, as a live record or as gone.
  std::uint64_t skipped = 0;
  std::vector<refused_file> refused = {};
};

/// Takes over the cache folder of the original node: one file per reservation,
/// named by its id, holding the JSON string "1.0.0" followed by the
/// reservation's JSON. The original rewrites a file without shortening it, so
/// what follows the JSON is ignored, as it does. The files stay as they are; a
/// second import takes over nothing twice.
///
/// The result in the file decides the record's state:
///   none     accepted: nobody knows whether the workload is there, so its
///            idempotent provisioner is asked once more and a result is made
///   error    failed
///   ok       provisioned
///   deleted  provisioned: the original forgets a reservation when it removes
///            the workload, so one that is still in the cache still runs
/// The bytes as received are the reservation's JSON. Accepted records are
/// ordered as in a page and come after all that the store holds. `now` is the
/// time of acceptance.
///
/// Errors are those of the folder and of the store; what is wrong with a single
/// file is in the report.
expected<import_report> import_cache(const std::string& folder,
                                     reservation_store& store, timestamp now);

} // namespace provision
