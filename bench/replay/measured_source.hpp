#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "actors/atoms.hpp"
#include "actors/interfaces.hpp"
#include "bench/replay/stream_journal.hpp"

namespace provision::bench {

/// Notes when a source's pages are handed over. In a serial measurement each
/// document is a page of its own and waits until what was handed over before is
/// accepted: send it a tick when that may be so.
using measured_source_actor = source_actor::extend<caf::reacts_to<atom::tick>>;

struct measured_source_state {
  static inline const char* name = "measured source";

  explicit measured_source_state(measured_source_actor::pointer self)
    : self{self} {}

  caf::result<source_page> ask();
  void read();
  void serve();
  source_page take_first();

  measured_source_actor::pointer self;
  source_actor inner = {};
  std::shared_ptr<bench::stream_journal> journal = {};
  bool serial = false;
  std::size_t handed_over = 0;
  std::optional<caf::typed_response_promise<source_page>> asked = {};
  std::optional<source_page> next = {};
};

measured_source_actor::behavior_type measured_source(
  measured_source_actor::stateful_pointer<measured_source_state> self,
  source_actor inner, std::shared_ptr<stream_journal> journal, bool serial);

} // namespace provision::bench
