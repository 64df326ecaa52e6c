#include "actors/caf_error.hpp"

#include <caf/atom.hpp>
#include <caf/make_message.hpp>
#include <caf/message.hpp>
#include <caf/sec.hpp>

#include <cstdint>
#include <string>

namespace provision {

namespace {

constexpr caf::atom_value category = caf::atom("provision");

} // namespace

caf::error to_caf(const error& what) {
  if (!what)
    return {};
  return {static_cast<std::uint8_t>(what.code), category,
          caf::make_message(what.message, std::int32_t{what.detail})};
}

bool is_ours(const caf::error& what) noexcept {
  return what && what.category() == category;
}

error from_caf(const caf::error& what) {
  if (!what)
    return {};
  if (is_ours(what)) {
    error result{static_cast<errc>(what.code()), {}, 0};
    auto& context = what.context();
    if (context.match_elements<std::string, std::int32_t>()) {
      result.message = context.get_as<std::string>(0);
      result.detail = context.get_as<std::int32_t>(1);
    }
    return result;
  }
  if (what == caf::sec::request_timeout)
    return {errc::deadline_exceeded, "no answer in time"};
  if (what == caf::sec::request_receiver_down)
    return {errc::shutting_down, "the other side has ended"};
  return {errc::provisioner_crashed,
          "actor failed: " + caf::deep_to_string(what.code())};
}

} // namespace provision
