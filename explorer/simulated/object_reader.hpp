#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "messages/error.hpp"

namespace provision::simulated {

/// Reads small JSON objects as Go does: keys match without case, the last
/// duplicate wins, unknown keys are ignored, null and absent leave the value.
/// The first wrong type is remembered; see failure().
class object_reader {
public:
  /// errc::malformed_input with Go's text if `text` is not a JSON object;
  /// "EOF" if it is empty.
  static expected<object_reader> parse(std::string_view text);

  void read(std::string_view key, std::string& value);
  void read(std::string_view key, std::int64_t& value);
  void read(std::string_view key, std::uint64_t& value);
  void read(std::string_view key, double& value);
  void read(std::string_view key, bool& value);
  /// An empty list differs from none, as in Go.
  void read(std::string_view key,
            std::optional<std::vector<std::string>>& value);
  void read(std::string_view key,
            std::optional<std::vector<std::int64_t>>& value);

  /// The value as compact JSON; stays if absent.
  void read_raw(std::string_view key, std::string& json);

  /// This object as compact JSON.
  std::string raw();

  /// The object below `key`, empty if there is none.
  object_reader child(std::string_view key);

  /// The objects of the list below `key`; nothing for null and absent.
  std::optional<std::vector<object_reader>> children(std::string_view key);

  /// Whether there is a value other than null.
  bool has(std::string_view key) const;

  /// The first thing that was of the wrong type, children included.
  error failure() const;

private:
  struct source;
  struct place;

  object_reader(std::shared_ptr<source> from, std::unique_ptr<place> where);

  template <class Value>
  void read_as(std::string_view key, Value& value);

  std::shared_ptr<source> source_;
  std::shared_ptr<const place> place_;
};

/// A list of objects as the whole text; nothing for null.
expected<std::optional<std::vector<object_reader>>>
parse_objects(std::string_view text);

} // namespace provision::simulated
