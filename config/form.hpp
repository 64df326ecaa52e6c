#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "messages/error.hpp"

/// The forms that a value of the configuration can take. Each form knows how
/// to read a value, how to write one, what is allowed and whether a value is.
namespace provision::config {

/// A value as it stands in the file, before its key is known.
struct raw_value {
  enum class kind : std::uint8_t { text, integer, texts, other };

  kind what = kind::other;
  /// Set if `what` is text.
  std::string text = {};
  /// Set if `what` is integer.
  std::int64_t integer = 0;
  /// Set if `what` is texts: a list of nothing but texts.
  std::vector<std::string> texts = {};
  /// For messages: "a text", "an integer", "a list", ...
  std::string_view description = {};
};

/// "250ms" to "1h" and so on; whole multiples of `step`.
struct duration_form {
  using value_type = std::chrono::milliseconds;

  std::chrono::milliseconds lowest;
  std::chrono::milliseconds highest;
  std::chrono::milliseconds step{1};

  std::string_view unit() const { return "duration"; }
  std::string allowed() const;
  expected<value_type> read(const raw_value& from) const;
  std::string write(value_type value) const;
  /// What is wrong with `value`; empty if nothing.
  std::string complaint(value_type value) const;
};

/// "64MiB" and so on; the value counts multiples of `step` bytes.
struct size_form {
  using value_type = std::uint64_t;

  /// In steps.
  std::uint64_t lowest;
  std::uint64_t highest;
  /// Bytes that one of the value stands for.
  std::uint64_t step = 1;

  std::string_view unit() const { return "size"; }
  std::string allowed() const;
  expected<value_type> read(const raw_value& from) const;
  std::string write(value_type value) const;
  std::string complaint(value_type value) const;
};

/// A plain integer.
struct count_form {
  using value_type = std::uint64_t;

  std::uint64_t lowest;
  std::uint64_t highest;

  std::string_view unit() const { return "number"; }
  std::string allowed() const;
  expected<value_type> read(const raw_value& from) const;
  std::string write(value_type value) const;
  std::string complaint(value_type value) const;
};

/// A text under one rule.
struct text_form {
  using value_type = std::string;
  enum class rule : std::uint8_t {
    /// Starts with '/'.
    absolute_path,
    /// Empty, or starts with '/'.
    absolute_path_or_empty,
    /// Empty, "-", or any path.
    input_file,
    /// Empty, or http://host... or https://host...
    url,
    /// Empty, or the name of a group of the host.
    group_name,
    /// Letters, digits, '.', '_', '-'; or empty.
    name_or_empty,
    /// Empty, or a numeric address and a port.
    listen_address,
    /// Empty, or a host and a port.
    host_and_port,
    /// Empty, or a dotted address.
    ipv4_address,
    /// Empty, or an IPv6 network of /64.
    ipv6_network,
    /// Empty, or an IPv6 address; with the length of its network.
    ipv6_address,
    ipv6_range,
  };

  rule demanded;

  std::string_view unit() const { return "text"; }
  std::string allowed() const;
  expected<value_type> read(const raw_value& from) const;
  std::string write(const value_type& value) const;
  std::string complaint(const value_type& value) const;
};

/// Any of a few words, each at most once.
struct words_form {
  using value_type = std::vector<std::string>;

  std::vector<std::string_view> words;
  /// Yields why a word is none, if that is worth a sentence; else empty.
  std::string (*reason)(std::string_view word) = nullptr;

  std::string_view unit() const { return "list"; }
  std::string allowed() const;
  expected<value_type> read(const raw_value& from) const;
  std::string write(const value_type& value) const;
  std::string complaint(const value_type& value) const;
};

/// Names of DNS, each at most once.
struct domains_form {
  using value_type = std::vector<std::string>;

  std::string_view unit() const { return "list"; }
  std::string allowed() const;
  expected<value_type> read(const raw_value& from) const;
  std::string write(const value_type& value) const;
  std::string complaint(const value_type& value) const;
};

/// A program by its absolute path, and its arguments; or nothing.
struct command_form {
  using value_type = std::vector<std::string>;

  std::string_view unit() const { return "list"; }
  std::string allowed() const;
  expected<value_type> read(const raw_value& from) const;
  std::string write(const value_type& value) const;
  std::string complaint(const value_type& value) const;
};

/// One of a few words.
template <class Value>
struct choice_form {
  using value_type = Value;

  std::vector<std::pair<Value, std::string_view>> names;

  std::string_view unit() const { return "choice"; }
  std::string allowed() const {
    std::string all;
    for (const auto& [value, name] : names)
      all.append(all.empty() ? "one of " : ", ").append(quoted(name));
    return all;
  }
  expected<value_type> read(const raw_value& from) const {
    for (const auto& [value, name] : names)
      if (from.what == raw_value::kind::text && from.text == name)
        return value;
    return fail(errc::invalid_configuration,
                from.what == raw_value::kind::text
                  ? quoted(from.text) + " is not a choice"
                  : "found " + std::string{from.description});
  }
  std::string write(const value_type& value) const {
    for (const auto& [known, name] : names)
      if (known == value)
        return quoted(name);
    return quoted("?");
  }
  std::string complaint(const value_type& value) const {
    for (const auto& [known, name] : names)
      if (known == value)
        return {};
    return "not a choice";
  }

private:
  static std::string quoted(std::string_view text) {
    return std::string{"\""}.append(text).append("\"");
  }
};

} // namespace provision::config
