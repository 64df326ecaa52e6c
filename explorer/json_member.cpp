#include "explorer/json_member.hpp"

#include <simdjson.h>

namespace provision {

std::optional<std::string> text_member(std::string_view body,
                                       std::string_view key) {
  simdjson::dom::parser parser;
  std::string_view text;
  if (parser.parse(body.data(), body.size())[key].get(text))
    return std::nullopt;
  return std::string{text};
}

} // namespace provision
