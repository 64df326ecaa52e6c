#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "messages/json/json.hpp"

/// What must hold for any bytes. Serves the fuzzer and the seeded mutations of
/// the ordinary tests.
namespace provision::fuzz {

/// Throws if a writer's text reads back as something that is written
/// differently.
inline void check_again(std::string_view what, const std::string& first,
                        const std::string& second) {
  if (first != second)
    throw std::logic_error{std::string{what} + " is not stable: " + first
                           + " becomes " + second};
}

inline void read_as_document(std::string_view text) {
  auto read = json::read_document(text);
  if (!read)
    return;
  auto first = json::write(*read);
  auto again = json::read_document(first);
  check_again("document", first,
              again ? json::write(*again) : again.error().message);
}

inline void read_as_reservation(std::string_view text) {
  auto read = json::read_reservation(text);
  if (!read)
    return;
  auto first = json::write(*read);
  // Years beyond 9999 are refused when writing.
  if (!first)
    return;
  auto again = json::read_reservation(*first);
  if (!again)
    check_again("reservation", *first, again.error().message);
  check_again("reservation", *first, *json::write(*again));
  check_again("workload", json::write(read->workload),
              json::write(again->workload));
}

inline void read_as_json(std::string_view text) {
  std::string first;
  std::string again;
  if (json::check_json(text, &first))
    return;
  if (auto failure = json::check_json(first, &again))
    again = failure.message;
  check_again("JSON", first, again);
}

/// Reads `bytes` in every form.
inline void run(std::string_view bytes) {
  read_as_json(bytes);
  read_as_document(bytes);
  read_as_reservation(bytes);
  static_cast<void>(json::read_result(bytes));
  static_cast<void>(json::read_workload_result(bytes));
  auto slices = json::split_page(std::string{bytes});
  if (!slices)
    return;
  for (const auto& slice : *slices)
    read_as_document(slice.text);
}

} // namespace provision::fuzz
