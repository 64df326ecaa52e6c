#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "messages/json/reader.hpp"
#include "messages/json/text.hpp"
#include "messages/reservation_type.hpp"
#include "messages/workloads/address.hpp"

/// One table per object of the wire serves both directions: keys in wire
/// order, each with a member and, where the member's type does not say it, the
/// form of the value.
namespace provision::json {

/// One key of an object.
template <class T>
struct field {
  std::string_view key;
  bool (*read)(reader&, json_value, T&);
  void (*write)(std::string&, const T&);
  /// Whether to leave the key out; null: it is always written.
  bool (*is_absent)(const T&);
};

/// The table of T's keys; specialised for every type that travels.
template <class T>
inline constexpr std::nullptr_t fields = nullptr;

/// Form of a value that its type says.
struct plain {};

/// Whether two keys differ at most in case.
constexpr bool same_key(std::string_view a, std::string_view b) noexcept {
  auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  };
  if (a.size() != b.size())
    return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i] != b[i] && lower(a[i]) != lower(b[i]))
      return false;
  return true;
}

/// The field of that key. `next` is where to look first: keys mostly come in
/// the table's order.
template <class T>
const field<T>* find_field(std::span<const field<T>> table,
                           std::string_view key, std::size_t& next) noexcept {
  for (std::size_t tried = 0; tried < table.size(); ++tried) {
    if (next >= table.size())
      next = 0;
    const auto& found = table[next++];
    if (same_key(found.key, key))
      return &found;
  }
  return nullptr;
}

/// Calls `take(key, value)` for every member of an object.
template <class Take>
bool for_each_member(reader& in, json_object from, Take take) {
  for (auto member : from) {
    std::string_view key;
    json_value v;
    if (auto failure = member.unescaped_key().get(key))
      return in.fail(simdjson::error_message(failure));
    if (auto failure = member.value().get(v))
      return in.fail(simdjson::error_message(failure));
    if (!take(key, v))
      return false;
  }
  return true;
}

/// Reads the keys that the table knows and skips the others.
template <class T>
bool read_members(reader& in, json_object from, T& out,
                  std::span<const field<T>> table) {
  std::size_t next = 0;
  return for_each_member(in, from, [&](std::string_view key, json_value v) {
    const auto* found = find_field(table, key, next);
    return found == nullptr || found->read(in, v, out) || in.at(found->key);
  });
}

template <class T>
bool read_object(reader& in, json_value v, T& out,
                 std::span<const field<T>> table) {
  json_object from;
  if (type_of(v) == json_type::null)
    return true;
  if (type_of(v) != json_type::object)
    return in.mismatch("an object", v);
  if (auto failure = v.get_object().get(from))
    return in.fail(simdjson::error_message(failure));
  return read_members(in, from, out, table);
}

template <class T>
void write_members(std::string& out, const T& from,
                   std::span<const field<T>> table) {
  for (const auto& member : table) {
    if (member.is_absent != nullptr && member.is_absent(from))
      continue;
    if (out.back() != '{')
      out += ',';
    out += '"';
    out += member.key;
    out += "\":";
    member.write(out, from);
  }
}

template <class T>
void write_object(std::string& out, const T& from,
                  std::span<const field<T>> table) {
  out += '{';
  write_members(out, from, table);
  out += '}';
}

/// Calls `take(value)` for every element of an array.
template <class Take>
bool for_each_element(reader& in, json_value v, Take take) {
  json_array from;
  if (type_of(v) != json_type::array)
    return in.mismatch("an array", v);
  if (auto failure = v.get_array().get(from))
    return in.fail(simdjson::error_message(failure));
  std::size_t index = 0;
  for (auto element : from) {
    json_value item;
    if (auto failure = element.get(item))
      return in.fail(simdjson::error_message(failure));
    if (!take(item))
      return in.at(index);
    ++index;
  }
  return true;
}

// Values whose type says their form.

bool read(reader& in, json_value v, reservation_type& out);
bool read(reader& in, json_value v, workloads::ip_address& out);
bool read(reader& in, json_value v, workloads::ip_range& out);
void write_value(std::string& out, const reservation_type& value);
void write_value(std::string& out, const workloads::ip_address& value);
void write_value(std::string& out, const workloads::ip_range& value);

template <class T>
concept has_fields
  = !std::is_same_v<std::remove_cvref_t<decltype(fields<T>)>, std::nullptr_t>;

template <has_fields T>
bool read(reader& in, json_value v, T& out) {
  return read_object<T>(in, v, out, fields<T>);
}

template <has_fields T>
void write_value(std::string& out, const T& value) {
  write_object<T>(out, value, fields<T>);
}

template <class E>
requires std::is_enum_v<E>
bool read(reader& in, json_value v, E& out) {
  auto number = static_cast<std::underlying_type_t<E>>(out);
  if (!read(in, v, number))
    return false;
  out = static_cast<E>(number);
  return true;
}

template <class E>
requires std::is_enum_v<E>
void write_value(std::string& out, E value) {
  append_number(out, static_cast<std::uint64_t>(value));
}

template <std::integral T>
void write_value(std::string& out, T value) {
  using wide
    = std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>;
  append_number(out, static_cast<wide>(value));
}

inline void write_value(std::string& out, bool value) {
  out += value ? "true" : "false";
}

inline void write_value(std::string& out, double value) {
  append_number(out, value);
}

inline void write_value(std::string& out, const std::string& value) {
  append_quoted(out, value);
}

template <class T>
bool read(reader& in, json_value v, std::vector<T>& out);
template <class T>
void write_value(std::string& out, const std::vector<T>& values);

/// Null empties the list, as the original does.
template <class T>
bool read(reader& in, json_value v, std::vector<T>& out) {
  out.clear();
  return type_of(v) == json_type::null
         || for_each_element(in, v, [&](json_value item) {
              return read(in, item, out.emplace_back());
            });
}

template <class T>
void write_value(std::string& out, const std::vector<T>& values) {
  out += '[';
  for (const auto& value : values) {
    if (&value != values.data())
      out += ',';
    write_value(out, value);
  }
  out += ']';
}

using text_map = std::map<std::string, std::string>;

/// Adds to what is there, as the original does with a key that comes twice.
inline bool read(reader& in, json_value v, text_map& out) {
  json_object from;
  if (type_of(v) != json_type::object)
    return in.mismatch("an object", v);
  if (auto failure = v.get_object().get(from))
    return in.fail(simdjson::error_message(failure));
  return for_each_member(in, from, [&](std::string_view key, json_value item) {
    std::string text;
    if (!read(in, item, text))
      return in.at(key);
    out.insert_or_assign(std::string{key}, std::move(text));
    return true;
  });
}

inline void write_value(std::string& out, const text_map& values) {
  out += '{';
  for (const auto& [key, value] : values) {
    if (out.back() != '{')
      out += ',';
    append_quoted(out, key);
    out += ':';
    append_quoted(out, value);
  }
  out += '}';
}

template <class T>
bool read(reader& in, json_value v, std::optional<T>& out) {
  if (type_of(v) == json_type::null) {
    out.reset();
    return true;
  }
  if (!out)
    out.emplace();
  return read(in, v, *out);
}

template <class T>
void write_value(std::string& out, const std::optional<T>& value) {
  if (value)
    write_value(out, *value);
  else
    out += "null";
}

template <class T>
bool read_as(plain, reader& in, json_value v, T& out) {
  return read(in, v, out);
}

template <class T>
void write_as(plain, std::string& out, const T& value) {
  write_value(out, value);
}

// Rows of a table.

template <class>
struct member_of;
template <class T, class M>
struct member_of<M T::*> {
  using owner = T;
};

template <auto Member, class Form = plain>
constexpr auto member(std::string_view key) {
  using owner = typename member_of<decltype(Member)>::owner;
  return field<owner>{key,
                      [](reader& in, json_value v, owner& out) {
                        return read_as(Form{}, in, v, out.*Member);
                      },
                      [](std::string& out, const owner& from) {
                        write_as(Form{}, out, from.*Member);
                      },
                      nullptr};
}

/// Like `member`, but left out when it is empty.
template <auto Member, class Form = plain>
constexpr auto member_if_any(std::string_view key) {
  auto row = member<Member, Form>(key);
  using owner = typename member_of<decltype(Member)>::owner;
  row.is_absent = [](const owner& from) { return (from.*Member).empty(); };
  return row;
}

/// An object on the wire whose members are the owner's own.
template <class T, const auto& Table>
constexpr field<T> group(std::string_view key) {
  return {
    key,
    [](reader& in, json_value v, T& out) {
      return read_object<T>(in, v, out, Table);
    },
    [](std::string& out, const T& from) { write_object<T>(out, from, Table); },
    nullptr};
}

} // namespace provision::json
