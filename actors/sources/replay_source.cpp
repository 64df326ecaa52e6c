#include "actors/sources/replay_source.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/caf_error.hpp"

namespace provision {

namespace {

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

} // namespace

text_form guess_form(std::string_view line) {
  return line.find("\"workload_type\"") != std::string_view::npos
           ? text_form::document
           : text_form::reservation;
}

bool is_recording_mark(std::string_view line) noexcept {
  return line.starts_with("{\"recorded\":");
}

source_actor::behavior_type
replay_source(source_actor::stateful_pointer<replay_source_state> self,
              std::shared_ptr<std::istream> lines,
              replay_source_options options) {
  auto& state = self->state;
  state.options = std::move(options);
  state.lines.emplace(std::move(lines), state.options.line_bytes_max);
  std::string skipped;
  while (state.line < state.options.from && state.lines->next(skipped))
    ++state.line;
  return {[=](next_page) -> caf::result<source_page> {
            if (self->state.ended)
              return to_caf({errc::end_of_stream, "the replay is over"});
            return self->state.read_page();
          },
          // A file is read once: its lines are known or will be read.
          [=](reconcile_source) {}};
}

source_page replay_source_state::read_page() {
  source_page page;
  page.source = options.name;
  page.signatures = options.signatures;
  std::string text;
  while (page.documents.size() < options.page_size && lines->next(text)) {
    ++line;
    if (!is_blank(text) && !is_recording_mark(text)) {
      auto form = guess_form(text);
      page.documents.push_back(own_text(std::move(text), form));
      text = {};
    }
  }
  ended = page.documents.size() < options.page_size;
  page.end_of_stream = page.history_end = ended;
  if (options.resumes)
    page.cursor = line;
  return page;
}

} // namespace provision
