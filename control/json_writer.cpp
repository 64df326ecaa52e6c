#include "control/json_writer.hpp"

#include "messages/json/json.hpp"

namespace provision {

json_writer& json_writer::begin_object() {
  writer_.StartObject();
  return *this;
}

json_writer& json_writer::end_object() {
  writer_.EndObject();
  return *this;
}

json_writer& json_writer::begin_array() {
  writer_.StartArray();
  return *this;
}

json_writer& json_writer::end_array() {
  writer_.EndArray();
  return *this;
}

json_writer& json_writer::key(std::string_view name) {
  writer_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  return *this;
}

json_writer& json_writer::value(std::string_view text) {
  auto quoted = json::quote(text);
  writer_.RawValue(quoted.data(), quoted.size(), rapidjson::kStringType);
  return *this;
}

json_writer& json_writer::value(std::uint64_t number) {
  writer_.Uint64(number);
  return *this;
}

json_writer& json_writer::value(int number) {
  writer_.Int(number);
  return *this;
}

json_writer& json_writer::value(bool truth) {
  writer_.Bool(truth);
  return *this;
}

json_writer& json_writer::value(timestamp at) {
  // Years beyond 9999 have no text form.
  constexpr std::int64_t year_10000 = 253402300800;
  if (at.is_zero() || at.seconds >= year_10000)
    return null();
  return value(std::string_view{json::format_rfc3339(at)});
}

json_writer& json_writer::null() {
  writer_.Null();
  return *this;
}

json_writer& json_writer::raw(std::string_view text) {
  std::string compact;
  if (json::check_json(text, &compact))
    return value(text);
  writer_.RawValue(compact.data(), compact.size(), rapidjson::kObjectType);
  return *this;
}

} // namespace provision
