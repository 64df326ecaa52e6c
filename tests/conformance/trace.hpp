#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "messages/error.hpp"
#include "messages/reservation.hpp"

/// Recordings of the original engine, and what they contain.
namespace provision::conformance {

/// Keeps the order of keys, which is part of the bytes.
using value = nlohmann::ordered_json;

/// When the scenarios take place: their `<NOW>`.
inline constexpr std::int64_t scenario_time = 1'767'225'600;

struct trace {
  std::string name = {};
  std::string kind = {};
  value input = {};
  value script = {};
  value output = {};
  /// Memory of the node, bytes.
  std::uint64_t memory = 0;

  /// The recorded events called `name`, in order.
  std::vector<value> events(const std::string& name) const;
};

/// Reads one file; throws std::exception if it is no trace.
trace load_trace(const std::string& path);

/// What the surroundings do: lists of rules, the first that matches and has
/// calls left decides.
class script {
public:
  explicit script(value lists) : lists_(std::move(lists)) {}

  using facts = std::map<std::string, std::string>;

  /// The rule of `list` that decides for a call with these facts, one of its
  /// calls used up; null if there is none. A fact called "path" is searched
  /// for a rule's "path_contains".
  const value* decide(const std::string& list, const facts& call);

  bool has(const std::string& list) const { return lists_.contains(list); }
  const value& lists() const { return lists_; }

private:
  value lists_;
  std::map<const value*, std::int64_t> used_ = {};
};

/// Compact JSON as Go writes it.
std::string go_text(const value& what);

/// A trace's reservation as the original node's JSON text.
std::string reservation_text(const value& what);

/// The text member `key`; empty if there is none or it is null.
std::string text(const value& object, const char* key);

/// What a provisioner of this type returns unless the script says otherwise.
std::string default_result(const std::string& type, const std::string& id);

/// Number of the explorer's category for a type; 255 if it has none.
int category_of(const std::string& type);
std::string type_of_category(int category);

} // namespace provision::conformance
