#include "explorer/simulated/object_reader.hpp"

#include <algorithm>

#include <simdjson.h>

#include "messages/json/json.hpp"

namespace provision::simulated {

struct object_reader::source {
  simdjson::dom::parser parser;
  simdjson::dom::element whole;
  error failure = {};
};

struct object_reader::place {
  /// Nothing: an object without keys.
  std::optional<simdjson::dom::object> object = {};

  std::optional<simdjson::dom::element> find(std::string_view key) const;
};

namespace {

bool same_without_case(std::string_view a, std::string_view b) {
  auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

bool convert(simdjson::dom::element from, std::string& to) {
  std::string_view text;
  if (from.get(text) != simdjson::SUCCESS)
    return false;
  to = text;
  return true;
}

template <class Number>
requires(std::is_arithmetic_v<Number>) bool convert(simdjson::dom::element from,
                                                    Number& to) {
  // 1.0 is no integer for Go either, but every integer is a float.
  return from.get(to) == simdjson::SUCCESS;
}

template <class Value>
bool convert(simdjson::dom::element from,
             std::optional<std::vector<Value>>& to) {
  simdjson::dom::array list;
  if (from.get(list) != simdjson::SUCCESS)
    return false;
  to.emplace();
  for (auto each : list)
    if (!convert(each, to->emplace_back()))
      return false;
  return true;
}

} // namespace

std::optional<simdjson::dom::element>
object_reader::place::find(std::string_view key) const {
  std::optional<simdjson::dom::element> found;
  if (object)
    for (auto [name, value] : *object)
      if (same_without_case(name, key))
        found = value;
  if (found && found->is_null())
    found.reset();
  return found;
}

object_reader::object_reader(std::shared_ptr<source> from,
                             std::unique_ptr<place> where)
  : source_{std::move(from)}, place_{std::move(where)} {
}

expected<object_reader> object_reader::parse(std::string_view text) {
  if (text.find_first_not_of(" \t\r\n") == text.npos)
    return fail(errc::malformed_input, "EOF");
  auto from = std::make_shared<source>();
  if (auto code
      = from->parser.parse(simdjson::padded_string{text}).get(from->whole))
    return fail(errc::malformed_input,
                std::string{"invalid JSON: "} + simdjson::error_message(code));
  auto where = std::make_unique<place>();
  if (from->whole.is_null())
    return object_reader{std::move(from), std::move(where)};
  simdjson::dom::object object;
  if (from->whole.get(object) != simdjson::SUCCESS)
    return fail(errc::malformed_input, "json: cannot unmarshal: not an object");
  where->object = object;
  return object_reader{std::move(from), std::move(where)};
}

template <class Value>
void object_reader::read_as(std::string_view key, Value& value) {
  auto found = place_->find(key);
  if (found && !convert(*found, value) && !source_->failure)
    source_->failure = {errc::malformed_input,
                        "json: cannot unmarshal field " + std::string{key}};
}

void object_reader::read(std::string_view key, std::string& value) {
  read_as(key, value);
}
void object_reader::read(std::string_view key, std::int64_t& value) {
  read_as(key, value);
}
void object_reader::read(std::string_view key, std::uint64_t& value) {
  read_as(key, value);
}
void object_reader::read(std::string_view key, double& value) {
  read_as(key, value);
}
void object_reader::read(std::string_view key, bool& value) {
  read_as(key, value);
}
void object_reader::read(std::string_view key,
                         std::optional<std::vector<std::string>>& value) {
  read_as(key, value);
}
void object_reader::read(std::string_view key,
                         std::optional<std::vector<std::int64_t>>& value) {
  read_as(key, value);
}

void object_reader::read_raw(std::string_view key, std::string& json) {
  auto found = place_->find(key);
  if (!found)
    return;
  // minify() unescapes nothing that check_json would not escape again.
  if (auto broken = json::check_json(simdjson::minify(*found), &json);
      broken && !source_->failure)
    source_->failure = broken;
}

std::string object_reader::raw() {
  if (!place_->object)
    return "null";
  std::string compact;
  if (auto broken
      = json::check_json(simdjson::minify(*place_->object), &compact);
      broken && !source_->failure)
    source_->failure = broken;
  return compact;
}

object_reader object_reader::child(std::string_view key) {
  auto where = std::make_unique<place>();
  if (auto found = place_->find(key)) {
    simdjson::dom::object object;
    if (found->get(object) == simdjson::SUCCESS)
      where->object = object;
    else if (!source_->failure)
      source_->failure = {errc::malformed_input,
                          "json: cannot unmarshal field " + std::string{key}};
  }
  return {source_, std::move(where)};
}

std::optional<std::vector<object_reader>>
object_reader::children(std::string_view key) {
  auto found = place_->find(key);
  if (!found)
    return {};
  simdjson::dom::array list;
  bool is_list = found->get(list) == simdjson::SUCCESS;
  std::vector<object_reader> readers;
  if (is_list) {
    for (auto each : list) {
      auto where = std::make_unique<place>();
      simdjson::dom::object object;
      is_list = is_list && each.get(object) == simdjson::SUCCESS;
      if (is_list)
        where->object = object;
      readers.push_back(object_reader{source_, std::move(where)});
    }
  }
  if (!is_list && !source_->failure)
    source_->failure = {errc::malformed_input,
                        "json: cannot unmarshal field " + std::string{key}};
  return readers;
}

bool object_reader::has(std::string_view key) const {
  return place_->find(key).has_value();
}

error object_reader::failure() const {
  return source_->failure;
}

expected<std::optional<std::vector<object_reader>>>
parse_objects(std::string_view text) {
  if (text.find_first_not_of(" \t\r\n") == text.npos)
    return fail(errc::malformed_input, "EOF");
  // One object around it lets the list be read like any other.
  std::string wrapped = "{\"list\":";
  wrapped.append(text).append("}");
  auto reader = object_reader::parse(wrapped);
  if (!reader)
    return fail(reader.error());
  auto list = reader->children("list");
  if (auto broken = reader->failure())
    return fail(broken);
  return list;
}

} // namespace provision::simulated
