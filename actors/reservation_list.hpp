#pragma once

#include <cstddef>

#include "actors/indexed_store.hpp"
#include "actors/requests.hpp"

namespace provision {

/// Records that one answer looks at, at most.
inline constexpr std::size_t list_count_max = 1000;

/// The records that pass all filters, by id, out of as many as the request
/// allows to look at: by whichever of the filters leaves the fewest to look at.
expected<listed_records> list_from(indexed_store& store,
                                   const list_records& request);

} // namespace provision
