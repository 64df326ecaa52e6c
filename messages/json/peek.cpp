#include "messages/json/peek.hpp"

#include <simdjson.h>

#include <cstdint>
#include <string>
#include <utility>

#include "messages/json/document_tables.hpp"
#include "messages/reservation.hpp"

namespace provision::json {

namespace {

using object = simdjson::dom::object;

std::optional<identity> peek_document(const object& o) {
  std::uint64_t id = 0;
  std::uint64_t workload = 0;
  if (o["id"].get(id) || o["workload_id"].get(workload))
    return std::nullopt;
  identity result{std::to_string(id) + "-" + std::to_string(workload), {}};
  std::uint64_t type = 0;
  if (!o["workload_type"].get(type) && type <= UINT8_MAX)
    result.type = to_reservation_type(static_cast<workload_type>(type));
  return result;
}

std::optional<identity> peek_reservation(const object& o) {
  std::string_view id;
  if (o["id"].get(id) || !is_safe_id(id))
    return std::nullopt;
  identity result{std::string{id}, {}};
  std::string_view type;
  if (!o["type"].get(type))
    result.type.name = type;
  return result;
}

} // namespace

std::optional<identity> peek_identity(const received_text& received,
                                      const limits& bounds) {
  // Whoever sent a document that is too large or too deep is owed an answer,
  // too: it is searched as far as a page may reach.
  constexpr std::size_t depth_max = 4096;
  if (received.text.size() > bounds.page_bytes_max)
    return std::nullopt;
  simdjson::dom::parser parser;
  if (parser.allocate(received.text.size() + 1, depth_max))
    return std::nullopt;
  object o;
  if (parser.parse(received.text.data(), received.text.size()).get(o))
    return std::nullopt;
  return received.form == text_form::document ? peek_document(o)
                                              : peek_reservation(o);
}

glance glance_at(const received_text& received, const limits& bounds) {
  if (received.form == text_form::reservation) {
    auto what = read_reservation(received.text, bounds);
    return what ? provision::glance_at(*what) : glance{};
  }
  reader in{bounds};
  json_object top;
  documents::workload w;
  if (!in.open(received.text, top)
      || !read_members<documents::workload>(in, top, w, document_glance))
    return {};
  return {.id = documents::global_id(w),
          .version = static_cast<int>(w.version),
          .to_delete = documents::is_to_go(w.next_action),
          .state = w.result.state,
          .signature = std::move(w.result.signature)};
}

} // namespace provision::json
