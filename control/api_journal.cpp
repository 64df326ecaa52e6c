// The journal with what it takes to verify it elsewhere.
#include <limits>

#include "actors/reservation_questions.hpp"
#include "control/api_asking.hpp"
#include "messages/hex.hpp"
#include "persistence/row_codec.hpp"

namespace provision {

namespace {

void write_seal(json_writer& out, const std::optional<journal_seal>& seal) {
  out.key("seal");
  if (!seal) {
    out.null();
    return;
  }
  out.begin_object().field("first", seal->first);
  out.field("chained_from", seal->chained_from);
  out.field("before", hex::encode(seal->before)).field("last", seal->last);
  out.field("last_hash", hex::encode(seal->last_hash));
  out.field("signature", hex::encode(seal->signature)).end_object();
}

} // namespace

void api_state::journal(const api_call_ptr& call) {
  constexpr auto max = std::numeric_limits<std::uint64_t>::max();
  auto after = call->target.number("after", 0, max);
  auto limit = call->target.number("limit", 100, list_count_max);
  if (!after || !limit)
    return refuse(*call, after ? limit.error() : after.error());
  ask_store<journal_lines>(
    call, read_journal{*after, *limit, {}}, [=, this](journal_lines& found) {
      json_writer out;
      out.begin_object().field("node_id", options.node_id);
      write_seal(out, found.seal);
      out.key("lines").begin_array();
      for (auto& line : found.lines)
        write_line(out, line, hex::encode(encode_journal_entry(line)));
      out.end_array();
      out.field("next",
                found.lines.empty() ? *after : found.lines.back().sequence);
      out.end_object();
      answer(*call, out);
    });
}

} // namespace provision
