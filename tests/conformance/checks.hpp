#pragma once

#include "tests/conformance/rules.hpp"
#include "tests/conformance/trace.hpp"

/// One check per kind of recording.
namespace provision::conformance {

verdict check_converter(const trace& recording);
verdict check_result_converter(const trace& recording);

/// The poll source with a scripted poller, or with our HTTP client over a
/// scripted transport.
verdict check_poll(const trace& recording);

/// Splitting of ids, the store's own answers, 16-bit counts.
verdict check_reservation_ids(const trace& recording);
verdict check_store(const trace& recording);
verdict check_narrow_counts(const trace& recording);

/// The whole engine.
verdict check_engine(const trace& recording);

} // namespace provision::conformance
