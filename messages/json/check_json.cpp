#include <simdjson.h>

#include <string>

#include "messages/json/json.hpp"
#include "messages/json/scan.hpp"

namespace provision::json {

error check_json(std::string_view text, std::string* compact,
                 const limits& bounds) {
  if (auto broken = scan(text, bounds))
    return broken;
  if (!simdjson::validate_utf8(text.data(), text.size()))
    return {errc::malformed_input, "not UTF-8"};
  if (compact != nullptr) {
    compact->clear();
    append_compact(*compact, text);
  }
  return {};
}

} // namespace provision::json
