#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "config/key_table.hpp"
#include "messages/byte_units.hpp"

/// What the files of rows are written with.
namespace provision::config {

using namespace std::chrono_literals;

inline constexpr std::uint64_t kib = 1ULL << 10U;
/// 1024 TiB in GiB: more than a host has, far from overflow.
inline constexpr std::uint64_t gib_max = 1ULL << 20U;

/// Form's value -> member's type, which may be narrower or coarser. Every
/// form's limits fit the member they are used with.
template <class Member, class Value>
Member to_member(const Value& value) {
  if constexpr (std::is_same_v<Member, std::chrono::seconds>)
    return std::chrono::duration_cast<std::chrono::seconds>(value);
  else
    return static_cast<Member>(value);
}

/// A row for `settings.*section.*member`, written as `form` says.
template <class Section, class Member, class Form>
key_row row(std::string_view key, Section node_config::*section,
            Member Section::*member, Form form, std::string_view text) {
  using value_type = typename Form::value_type;
  auto current = [=](const node_config& settings) {
    return static_cast<value_type>(settings.*section.*member);
  };
  return {
    .key = key,
    .text = text,
    .unit = std::string{form.unit()},
    .allowed = form.allowed(),
    .show
    = [=](
        const node_config& settings) { return form.write(current(settings)); },
    .set =
      [=](node_config& settings, const raw_value& raw) {
        const auto value = form.read(raw);
        if (!value)
          return value.error().message;
        // Checked before it is narrowed to the member.
        auto complaint = form.complaint(*value);
        if (complaint.empty())
          settings.*section.*member = to_member<Member>(*value);
        return complaint;
      },
    .complaint =
      [=](const node_config& settings) {
        return form.complaint(current(settings));
      },
  };
}

inline choice_form<signature_policy> policies() {
  return {{{signature_policy::enforce, "enforce"},
           {signature_policy::warn, "warn"},
           {signature_policy::off, "off"}}};
}

using path_rule = text_form::rule;

} // namespace provision::config
