#pragma once

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "backends/held_object.hpp"
#include "messages/error.hpp"
#include "tests/support/as_nobody.hpp"

namespace provision::test {

/// Ids of what a back-end says that the host has, in order, each with a blank
/// behind it; "?" for one that does not tell its id.
template <class Backend>
std::string listed(Backend& backend) {
  const auto held = backend.list();
  BOOST_REQUIRE_MESSAGE(held, (held ? "" : held.error().message));
  std::vector<std::string> ids;
  for (const auto& one : *held)
    ids.push_back((one.id.empty() ? "?" : one.id) + ' ');
  std::ranges::sort(ids);
  std::string text;
  for (const auto& id : ids)
    text += id;
  return text;
}

/// Checks that a list that cannot be read is no empty one: what is asked for
/// lies in folders of root's alone.
template <class Backend>
void cannot_be_listed_by_nobody(Backend& backend) {
  const as_nobody now;
  BOOST_CHECK(!backend.list());
}

} // namespace provision::test
