#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "messages/timestamp.hpp"

namespace provision {

/// Writes one compact JSON text. Texts that are not UTF-8 are mended, times
/// are RFC 3339, and "never" and "no time" are null.
class json_writer {
public:
  json_writer& begin_object();
  json_writer& end_object();
  json_writer& begin_array();
  json_writer& end_array();
  json_writer& key(std::string_view name);

  json_writer& value(std::string_view text);
  json_writer& value(const char* text) { return value(std::string_view{text}); }
  json_writer& value(std::uint64_t number);
  json_writer& value(std::uint32_t number) {
    return value(std::uint64_t{number});
  }
  json_writer& value(int number);
  json_writer& value(bool truth);
  json_writer& value(timestamp at);
  json_writer& null();
  /// `json` as it is if it is sound, else as a text.
  json_writer& raw(std::string_view json);

  template <class T>
  json_writer& field(std::string_view name, const T& what) {
    return key(name).value(what);
  }

  std::string text() const { return {buffer_.GetString(), buffer_.GetSize()}; }

private:
  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_{buffer_};
};

} // namespace provision
