#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

/// Structured log lines. The one place that knows the logging library.
namespace provision::log {

enum class level { debug, info, warning, error, off };

enum class format { text, json };

/// A named value of a line. Never a secret: the type `secret` has no text.
struct field {
  std::string_view key;
  std::string value;
};

/// Where lines go and which. Lines go to standard error.
void configure(level lowest, format form);

/// One line. `reservation` is the id of the reservation that it concerns, or
/// empty. Thread-safe.
void write(level severity, std::string_view message,
           std::string_view reservation = {},
           std::initializer_list<field> fields = {});

inline void debug(std::string_view message, std::string_view reservation = {},
                  std::initializer_list<field> fields = {}) {
  write(level::debug, message, reservation, fields);
}
inline void info(std::string_view message, std::string_view reservation = {},
                 std::initializer_list<field> fields = {}) {
  write(level::info, message, reservation, fields);
}
inline void warn(std::string_view message, std::string_view reservation = {},
                 std::initializer_list<field> fields = {}) {
  write(level::warning, message, reservation, fields);
}
inline void error(std::string_view message, std::string_view reservation = {},
                  std::initializer_list<field> fields = {}) {
  write(level::error, message, reservation, fields);
}

} // namespace provision::log
