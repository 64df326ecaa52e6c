#include "persistence/row_codec.hpp"

#include <limits>
#include <utility>

#include "persistence/binary.hpp"

namespace provision {

namespace {

constexpr std::uint8_t format_version = 1;
/// Of a quarantine row with an answer; an older daemon reads all others.
constexpr std::uint8_t quarantine_version = 2;
/// Of a journal line that carries the hash of the line before it.
constexpr std::uint8_t chained_version = 2;

byte_writer versioned(std::uint8_t version = format_version) {
  byte_writer out;
  out.u8(version);
  return out;
}

/// The row's version, from 1 to the one that this program writes.
std::uint8_t check_version(byte_reader& in, std::uint8_t newest) {
  const auto version = in.u8("version");
  if (version < 1 || version > newest)
    in.refuse("version");
  return version;
}

int read_int(byte_reader& in, const char* field) {
  const auto value = in.signed_number(field);
  if (value < std::numeric_limits<int>::min()
      || value > std::numeric_limits<int>::max())
    in.refuse(field);
  return static_cast<int>(value);
}

/// Unseals `row`, lets `read` take the fields, and gives what it made if every
/// field was right.
template <class Read>
auto decode(std::string_view row, std::string_view row_name, Read read)
  -> expected<decltype(read(std::declval<byte_reader&>()))> {
  const auto fields = unseal(row, row_name);
  if (!fields)
    return fail(fields.error());
  byte_reader in{*fields};
  check_version(in, format_version);
  auto what = read(in);
  if (auto wrong = in.verdict_at_end(row_name))
    return fail(std::move(wrong));
  return what;
}

text_form read_form(byte_reader& in) {
  const auto form = in.u8("form");
  if (form != static_cast<std::uint8_t>(text_form::document)
      && form != static_cast<std::uint8_t>(text_form::reservation))
    in.refuse("form");
  return static_cast<text_form>(form);
}

report_kind read_kind(byte_reader& in) {
  const auto kind = in.u8("kind");
  if (kind != static_cast<std::uint8_t>(report_kind::result)
      && kind != static_cast<std::uint8_t>(report_kind::deleted))
    in.refuse("kind");
  return static_cast<report_kind>(kind);
}

} // namespace

std::string encode_tombstone(const tombstone& what) {
  auto out = versioned();
  out.text(what.id);
  out.signed_number(what.version);
  out.time(what.gone_at);
  out.text(what.migrated_to);
  return std::move(out).sealed();
}

expected<tombstone> decode_tombstone(std::string_view row) {
  return decode(row, "tombstone", [](byte_reader& in) {
    tombstone what;
    what.id = in.text("id");
    what.version = read_int(in, "reservation version");
    what.gone_at = in.time("gone at");
    what.migrated_to = in.text("migrated to");
    return what;
  });
}

std::string encode_quarantined(const quarantined& what) {
  auto out
    = versioned(what.answer.empty() ? format_version : quarantine_version);
  out.text(what.key);
  out.text(what.source);
  out.u8(static_cast<std::uint8_t>(what.reason.code));
  out.text(what.reason.message);
  out.signed_number(what.reason.detail);
  out.time(what.since);
  if (!what.answer.empty())
    out.text(what.answer);
  out.u8(static_cast<std::uint8_t>(what.received.form));
  out.rest(what.received.text);
  return std::move(out).sealed();
}

expected<quarantined> decode_quarantined(std::string_view row) {
  constexpr auto row_name = "quarantine row";
  const auto fields = unseal(row, row_name);
  if (!fields)
    return fail(fields.error());
  byte_reader in{*fields};
  const auto version = check_version(in, quarantine_version);
  quarantined what;
  what.key = in.text("key");
  what.source = in.text("source");
  what.reason.code = static_cast<errc>(in.u8("reason"));
  what.reason.message = in.text("message");
  what.reason.detail = read_int(in, "detail");
  what.since = in.time("since");
  if (version >= quarantine_version)
    what.answer = in.text("answer");
  const auto form = read_form(in);
  what.received = own_text(std::string{in.rest()}, form);
  if (auto wrong = in.verdict_at_end(row_name))
    return fail(std::move(wrong));
  return what;
}

std::string encode_outbox_row(const outbox_row& what) {
  auto out = versioned();
  out.number(what.sequence);
  out.u8(static_cast<std::uint8_t>(what.kind));
  out.text(what.id);
  out.text(what.body);
  out.u8(what.parked ? 1 : 0);
  out.text(what.reason);
  return std::move(out).sealed();
}

expected<outbox_row> decode_outbox_row(std::string_view row) {
  return decode(row, "outbox row", [](byte_reader& in) {
    outbox_row what;
    what.sequence = in.number("sequence");
    what.kind = read_kind(in);
    what.id = in.text("id");
    what.body = in.text("body");
    what.parked = in.u8("parked") != 0;
    what.reason = in.text("reason");
    return what;
  });
}

std::string encode_journal_entry(const journal_entry& what) {
  auto out = versioned(what.before.empty() ? format_version : chained_version);
  out.number(what.sequence);
  out.time(what.at);
  out.text(what.id);
  out.text(what.event);
  out.text(what.text);
  if (!what.before.empty())
    out.text(what.before);
  return std::move(out).sealed();
}

expected<journal_entry> decode_journal_entry(std::string_view row) {
  constexpr auto row_name = "journal row";
  const auto fields = unseal(row, row_name);
  if (!fields)
    return fail(fields.error());
  byte_reader in{*fields};
  const auto version = check_version(in, chained_version);
  journal_entry what;
  what.sequence = in.number("sequence");
  what.at = in.time("at");
  what.id = in.text("id");
  what.event = in.text("event");
  what.text = in.text("text");
  if (version >= chained_version)
    what.before = in.text("before");
  if (auto wrong = in.verdict_at_end(row_name))
    return fail(std::move(wrong));
  return what;
}

std::string encode_number(std::uint64_t value) {
  auto out = versioned();
  out.number(value);
  return std::move(out).sealed();
}

expected<std::uint64_t> decode_number(std::string_view row) {
  return decode(row, "number",
                [](byte_reader& in) { return in.number("value"); });
}

std::string encode_text(std::string_view value) {
  auto out = versioned();
  out.text(value);
  return std::move(out).sealed();
}

expected<std::string> decode_text(std::string_view row) {
  return decode(row, "text",
                [](byte_reader& in) { return std::string{in.text("value")}; });
}

} // namespace provision
