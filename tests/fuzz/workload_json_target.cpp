#include <string>

#include "messages/json/json.hpp"
#include "tests/fuzz/targets.hpp"

namespace provision::fuzz {

namespace {

void read_as_document(std::string_view text) {
  auto read = json::read_document(text);
  if (!read)
    return;
  auto first = json::write(*read);
  auto again = json::read_document(first);
  require_same("document", first,
               again ? json::write(*again) : again.error().message);
}

void read_as_reservation(std::string_view text) {
  auto read = json::read_reservation(text);
  if (!read)
    return;
  auto first = json::write(*read);
  // Years beyond 9999 are refused when writing.
  if (!first)
    return;
  auto again = json::read_reservation(*first);
  if (!again)
    require_same("reservation", *first, again.error().message);
  require_same("reservation", *first, *json::write(*again));
  require_same("workload", json::write(read->workload),
               json::write(again->workload));
}

void read_as_result(std::string_view text) {
  auto read = json::read_result(text);
  if (!read)
    return;
  auto first = json::write(*read);
  auto again = json::read_result(first);
  require_same("result", first,
               again ? json::write(*again) : again.error().message);
}

void read_as_workload_result(std::string_view text) {
  auto read = json::read_workload_result(text);
  if (!read)
    return;
  auto first = json::write(*read);
  auto again = json::read_workload_result(first);
  require_same("workload result", first,
               again ? json::write(*again) : again.error().message);
}

void read_as_json(std::string_view text) {
  std::string first;
  std::string again;
  if (json::check_json(text, &first))
    return;
  if (auto failure = json::check_json(first, &again))
    again = failure.message;
  require_same("JSON", first, again);
}

} // namespace

void workload_json(std::string_view bytes) {
  read_as_json(bytes);
  read_as_document(bytes);
  read_as_reservation(bytes);
  read_as_result(bytes);
  read_as_workload_result(bytes);
}

} // namespace provision::fuzz
