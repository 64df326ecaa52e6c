#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

#include "actors/interfaces.hpp"

namespace provision {

struct combined_source_state {
  static inline const char* name = "combined source";

  explicit combined_source_state(source_actor::pointer self) : self{self} {}

  caf::result<source_page> ask();
  void fetch(std::size_t which);
  void got(std::size_t which, source_page page);
  void lost(std::size_t which);
  void serve();

  source_actor::pointer self;
  std::vector<source_actor> sources = {};
  /// Per source: a page of it is on its way or in `ready`.
  std::vector<bool> busy = {};
  std::vector<bool> ended = {};
  struct ready_page {
    std::size_t which = 0;
    source_page page = {};
  };
  /// At most one page per source: memory stays bounded.
  std::deque<ready_page> ready = {};
  std::optional<caf::typed_response_promise<source_page>> asked = {};
};

/// Merges sources in the order in which their pages arrive (the original's
/// CombinedSource). It ends when all of them have ended.
source_actor::behavior_type
combined_source(source_actor::stateful_pointer<combined_source_state> self,
                std::vector<source_actor> sources);

} // namespace provision
