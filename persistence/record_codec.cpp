#include "persistence/record_codec.hpp"

#include <limits>
#include <utility>

#include "persistence/binary.hpp"

namespace provision {

namespace {

constexpr std::uint8_t format_version = 1;
/// As version 1, with the number of retries at the end. Written only for a
/// record that was retried, so that an older daemon reads all others.
constexpr std::uint8_t format_with_retries = 2;
constexpr std::string_view state_row = "state row";
constexpr std::string_view received_row = "row of received bytes";

void write_head(byte_writer& out, const record& what) {
  out.u8(what.retries > 0 ? format_with_retries : format_version);
  out.text(what.id);
  out.u8(static_cast<std::uint8_t>(what.state));
  out.number(what.sequence);
  out.text(what.type.name);
  out.text(what.network);
  out.number(what.takes.cru);
  out.number(what.takes.mru);
  out.number(what.takes.hru);
  out.number(what.takes.sru);
  out.time(what.expires);
}

record_state read_state(byte_reader& in) {
  const auto value = in.u8("state");
  if (value < static_cast<std::uint8_t>(record_state::accepted)
      || value > static_cast<std::uint8_t>(record_state::removing))
    in.refuse("state");
  return static_cast<record_state>(value);
}

std::uint8_t read_format(byte_reader& in) {
  const auto version = in.u8("version");
  if (version != format_version && version != format_with_retries)
    in.refuse("version");
  return version;
}

/// Behind the version.
record_summary read_head(byte_reader& in) {
  record_summary head;
  head.id = in.text("id");
  head.state = read_state(in);
  head.sequence = in.number("sequence");
  head.type = in.text("type");
  head.network = in.text("network");
  head.takes.cru = in.number("cru");
  head.takes.mru = in.number("mru");
  head.takes.hru = in.number("hru");
  head.takes.sru = in.number("sru");
  head.expires = in.time("expires");
  return head;
}

void write_result(byte_writer& out, const result& what) {
  out.text(what.type.name);
  out.text(what.id);
  out.time(what.created);
  out.u8(static_cast<std::uint8_t>(what.state));
  out.text(what.error);
  out.text(what.data);
  out.text(what.signature);
}

result read_result(byte_reader& in) {
  result what;
  what.type.name = in.text("result type");
  what.id = in.text("result id");
  what.created = in.time("result created");
  what.state = static_cast<result_state>(in.u8("result state"));
  what.error = in.text("result error");
  what.data = in.text("result data");
  what.signature = in.text("result signature");
  return what;
}

removal_cause read_cause(byte_reader& in) {
  const auto value = in.u8("cause");
  if (value > static_cast<std::uint8_t>(removal_cause::refused))
    in.refuse("cause");
  return static_cast<removal_cause>(value);
}

int read_version(byte_reader& in) {
  const auto value = in.signed_number("reservation version");
  if (value < std::numeric_limits<int>::min()
      || value > std::numeric_limits<int>::max())
    in.refuse("reservation version");
  return static_cast<int>(value);
}

/// The form and the bytes; `text` is a view into the row.
expected<received_text> view_received(std::string_view row) {
  const auto fields = unseal(row, received_row);
  if (!fields)
    return fail(fields.error());
  byte_reader in{*fields};
  if (in.u8("version") != format_version)
    in.refuse("version");
  const auto form = in.u8("form");
  if (form != static_cast<std::uint8_t>(text_form::document)
      && form != static_cast<std::uint8_t>(text_form::reservation))
    in.refuse("form");
  const auto text = in.rest();
  if (auto wrong = in.verdict(received_row))
    return fail(std::move(wrong));
  return received_text{nullptr, text, static_cast<text_form>(form)};
}

} // namespace

std::string encode_state(const record& what) {
  byte_writer out;
  write_head(out, what);
  out.number(what.attempts);
  out.number(what.deaths);
  out.u8(static_cast<std::uint8_t>(what.cause));
  out.text(what.reason);
  out.text(what.source);
  out.text(what.user_id);
  out.signed_number(what.version);
  out.time(what.accepted_at);
  out.time(what.settled_at);
  write_result(out, what.result);
  if (what.retries > 0)
    out.number(what.retries);
  return std::move(out).sealed();
}

expected<record> decode_state(std::string_view row) {
  const auto fields = unseal(row, state_row);
  if (!fields)
    return fail(fields.error());
  byte_reader in{*fields};
  const auto format = read_format(in);
  const auto head = read_head(in);
  record what;
  what.id = head.id;
  what.state = head.state;
  what.sequence = head.sequence;
  what.type.name = head.type;
  what.network = head.network;
  what.takes = head.takes;
  what.expires = head.expires;
  what.attempts = in.number32("attempts");
  what.deaths = in.number32("deaths");
  what.cause = read_cause(in);
  what.reason = in.text("reason");
  what.source = in.text("source");
  what.user_id = in.text("user id");
  what.version = read_version(in);
  what.accepted_at = in.time("accepted at");
  what.settled_at = in.time("settled at");
  what.result = read_result(in);
  if (format == format_with_retries)
    what.retries = in.number32("retries");
  if (auto wrong = in.verdict_at_end(state_row))
    return fail(std::move(wrong));
  return what;
}

expected<record_summary> decode_summary(std::string_view row) {
  const auto fields = unseal(row, state_row);
  if (!fields)
    return fail(fields.error());
  byte_reader in{*fields};
  read_format(in);
  auto head = read_head(in);
  in.number32("attempts");
  in.number32("deaths");
  in.u8("cause");
  in.text("reason");
  in.text("source");
  head.user = in.text("user id");
  if (auto wrong = in.verdict(state_row))
    return fail(std::move(wrong));
  return head;
}

std::string encode_received(const received_text& what) {
  byte_writer out;
  out.u8(format_version);
  out.u8(static_cast<std::uint8_t>(what.form));
  out.rest(what.text);
  return std::move(out).sealed();
}

expected<received_text> decode_received(std::string_view row) {
  const auto seen = view_received(row);
  if (!seen)
    return fail(seen.error());
  return own_text(std::string{seen->text}, seen->form);
}

error check_received(std::string_view row) {
  const auto seen = view_received(row);
  return seen ? error{} : seen.error();
}

} // namespace provision
