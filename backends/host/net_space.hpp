#pragma once

#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "backends/presence.hpp"
#include "messages/error.hpp"

/// Network namespaces. A thread stands in one of them; so everything inside is
/// done on a thread of its own, and programs started there run there.
namespace provision::net_space {

/// Where the named one is kept: "/run/netns/<name>".
std::string path_of(const std::string& name);

/// Whether the name stands for a namespace. `partial`: for a mere file, as a
/// crash leaves it between making the name and giving it a meaning.
presence look(const std::string& name);

/// What follows `beginning` in the names of all namespaces that begin so.
expected<std::vector<std::string>> names_with(const std::string& beginning);

/// Runs `what` inside the named namespace; an empty name is the one that this
/// process is in. Blocks. errc::backend_failure if it cannot be entered; then
/// nothing ran.
error visit(const std::string& name, const std::function<void()>& what);

/// Runs `what` inside a fresh namespace that is gone afterwards, also if the
/// process dies on the way.
error visit_fresh(const std::function<void()>& what);

/// As visit(), with an answer: `what` yields an expected<> or an error.
template <class Function>
auto ask(const std::string& name, Function what) -> decltype(what()) {
  std::optional<decltype(what())> answer;
  if (auto failed = visit(name, [&] { answer.emplace(what()); })) {
    if constexpr (std::is_same_v<decltype(what()), error>)
      return failed;
    else
      return fail(std::move(failed));
  }
  return std::move(*answer);
}

} // namespace provision::net_space
