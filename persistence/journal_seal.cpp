#include "persistence/journal_seal.hpp"

#include <utility>

#include "persistence/binary.hpp"

namespace provision {

namespace {

constexpr std::uint8_t format_version = 1;

void write_ends(byte_writer& out, const journal_seal& seal) {
  out.number(seal.first);
  out.number(seal.chained_from);
  out.text(seal.before);
  out.number(seal.last);
  out.text(seal.last_hash);
}

} // namespace

std::string message_of(const journal_seal& seal) {
  byte_writer out;
  // Nothing else that the node signs begins so.
  out.text("provisiond journal seal");
  out.u8(format_version);
  write_ends(out, seal);
  return std::move(out).sealed();
}

std::string encode_journal_seal(const journal_seal& seal) {
  byte_writer out;
  out.u8(format_version);
  write_ends(out, seal);
  out.text(seal.signature);
  return std::move(out).sealed();
}

expected<journal_seal> decode_journal_seal(std::string_view row) {
  constexpr auto row_name = "journal seal";
  const auto fields = unseal(row, row_name);
  if (!fields)
    return fail(fields.error());
  byte_reader in{*fields};
  if (in.u8("version") != format_version)
    in.refuse("version");
  journal_seal seal;
  seal.first = in.number("first");
  seal.chained_from = in.number("chained from");
  seal.before = in.text("before");
  seal.last = in.number("last");
  seal.last_hash = in.text("last hash");
  seal.signature = in.text("signature");
  if (auto wrong = in.verdict_at_end(row_name))
    return fail(std::move(wrong));
  return seal;
}

} // namespace provision
