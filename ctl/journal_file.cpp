#include "ctl/journal_file.hpp"

#include <charconv>

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "identity/digest.hpp"
#include "messages/hex.hpp"
#include "messages/json/json.hpp"
#include "persistence/row_codec.hpp"

namespace provision::ctl {

namespace {

std::string bytes_of(const json_value& object, const char* name) {
  return hex::decode(text_of(object, name)).value_or(std::string{});
}

bool says(const json_value& line, const char* name, const std::string& text) {
  // What is no UTF-8 was replaced on its way, so both go the same way.
  const auto same = parse("{\"text\":" + json::quote(text) + "}");
  return text_of(line, name) == text_of(same, "text");
}

} // namespace

std::optional<journal_seal> seal_of(const json_value& answer) {
  auto& found = member(answer, "seal");
  if (!found.HasMember("last"))
    return std::nullopt;
  journal_seal seal;
  seal.first = number_of(found, "first");
  seal.chained_from = number_of(found, "chained_from");
  seal.before = bytes_of(found, "before");
  seal.last = number_of(found, "last");
  seal.last_hash = bytes_of(found, "last_hash");
  seal.signature = bytes_of(found, "signature");
  return seal;
}

void take_line(journal_check& check, const json_value& line,
               const std::function<void(journal_problem)>& tell) {
  const auto number = number_of(line, "sequence");
  const auto row = bytes_of(line, "row");
  check.take(number, row);
  const auto entry = decode_journal_entry(row);
  if (!entry)
    return;
  for (auto& [name, text] :
       {std::pair{"id", entry->id}, std::pair{"event", entry->event},
        std::pair{"text", entry->text}})
    if (!says(line, name, text))
      tell({number, std::string{name} + " is not what the line's bytes say"});
}

std::string heading_text(const std::string& node_id, const json_value& seal) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer{buffer};
  seal.Accept(writer);
  return "{\"journal\":1,\"node_id\":" + json::quote(node_id)
         + ",\"seal\":" + buffer.GetString() + "}";
}

expected<journal_heading> read_heading(std::string_view line) {
  const auto heading = parse(line);
  if (heading.IsNull() || number_of(heading, "journal") != 1)
    return fail(errc::malformed_input,
                "this is no journal that provisionctl has exported");
  return journal_heading{text_of(heading, "node_id"), seal_of(heading)};
}

expected<known_line> read_known_line(std::string_view text) {
  known_line made;
  const auto [end, wrong]
    = std::from_chars(text.data(), text.data() + text.size(), made.line);
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  auto hash = text.starts_with(':') ? hex::decode(text.substr(1))
                                    : fail(errc::malformed_input, "");
  if (wrong != std::errc{} || !hash || hash->size() != digest_size)
    return fail(errc::malformed_input,
                "--known: a line's number, a colon and its hash as 'journal "
                "verify' shows them");
  made.hash = std::move(*hash);
  return made;
}

} // namespace provision::ctl
