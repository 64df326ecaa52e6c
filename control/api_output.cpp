// What a workload writes. Files are read beside this actor: a disk may be slow.
#include <charconv>

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include "control/api_asking.hpp"

namespace provision {

namespace {

constexpr std::uint64_t lines_max = 100'000;
constexpr std::uint64_t lines_usual = 100;

/// "4711:1024"; nothing for anything else.
std::optional<output_place> place_named(std::string_view text) {
  output_place place;
  const auto* const last = text.data() + text.size();
  const auto [colon, bad_file] = std::from_chars(text.data(), last, place.file);
  if (bad_file != std::errc{} || colon == last || *colon != ':')
    return std::nullopt;
  const auto [end, bad_offset] = std::from_chars(colon + 1, last, place.offset);
  if (bad_offset != std::errc{} || end != last)
    return std::nullopt;
  return place;
}

void answer_piece(api_call& call, const std::string& id,
                  const expected<output_piece>& piece) {
  if (!piece)
    return refuse(call, piece.error());
  json_writer out;
  out.begin_object().field("id", id).field("text", piece->text);
  out.field("next", std::to_string(piece->next.file) + ':'
                      + std::to_string(piece->next.offset));
  out.field("gap", piece->has_gap).end_object();
  answer(call, out);
}

} // namespace

void api_state::output(const api_call_ptr& call) {
  const auto lines = call->target.number("last", lines_usual, lines_max);
  if (!lines)
    return refuse(*call, lines.error());
  const auto after = call->target.of("after");
  const auto place = place_named(after);
  if (!after.empty() && !place)
    return refuse(*call, {errc::malformed_input,
                          "after: is no place that an answer named as next"});
  ask_store<found_record>(call, find_record{call->target.path.at(2)},
                          [=, this, lines = *lines](found_record& found) {
                            const auto type = found.what->type;
                            // What bears the first id goes on doing so when it
                            // is replaced.
                            const auto name = filesystem_name(*found.what);
                            self->spawn<caf::detached>(
                              [=, id = found.what->id, read = options.output] {
                                answer_piece(*call, id,
                                             place
                                               ? read.after(type, name, *place)
                                               : read.tail(type, name, lines));
                              });
                          });
}

} // namespace provision
