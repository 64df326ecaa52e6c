#pragma once

#include <cstdint>
#include <istream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "actors/interfaces.hpp"
#include "actors/sources/line_reader.hpp"
#include "config/node_config.hpp"

namespace provision {

struct replay_source_options {
  /// Name under which records and the cursor are kept: "replay:<file>".
  std::string name = "replay";
  /// Lines to skip: the stored cursor.
  std::uint64_t from = 0;
  /// Whether the place is remembered; false for standard input.
  bool resumes = true;
  config::signature_policy signatures = config::signature_policy::off;
  /// Longest line, bytes; a longer one is refused as one document.
  std::size_t line_bytes_max = 1U << 20U;
  std::size_t page_size = 200;
};

struct replay_source_state {
  static inline const char* name = "replay source";

  source_page read_page();

  /// Nothing before the source has begun.
  std::optional<line_reader> lines = {};
  replay_source_options options = {};
  std::uint64_t line = 0;
  bool ended = false;
};

/// Reads reservations from JSON lines: workload documents of the explorer or
/// reservations in the original node's form. Blocks: spawn it detached.
source_actor::behavior_type
replay_source(source_actor::stateful_pointer<replay_source_state> self,
              std::shared_ptr<std::istream> lines,
              replay_source_options options);

/// The form of a line, told by the key that only documents have.
text_form guess_form(std::string_view line);

/// Whether a line is no reservation but what a recorder wrote between them; a
/// replay passes over it.
bool is_recording_mark(std::string_view line) noexcept;

} // namespace provision
