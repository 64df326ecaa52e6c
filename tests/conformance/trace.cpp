#include "tests/conformance/trace.hpp"

#include <cmath>
#include <fstream>

#include "messages/json/json.hpp"

namespace provision::conformance {

namespace {

struct category {
  const char* type;
  int number;
};

constexpr category categories[]
  = {{"zdb", 0},        {"container", 1},       {"volume", 2},
     {"network", 3},    {"kubernetes", 4},      {"network_resource", 3},
     {"public_ip", 11}, {"proxy", 5},           {"reverse_proxy", 6},
     {"subdomain", 7},  {"domain_delegate", 8}, {"gateway4to6", 9}};

std::uint64_t bytes_of(const std::string& size) {
  constexpr double gib = 1ULL << 30U;
  auto space = size.find(' ');
  if (space == std::string::npos || size.substr(space) != " GiB")
    throw std::runtime_error{"node_memory: " + size};
  return static_cast<std::uint64_t>(std::stod(size) * gib);
}

bool matches(const value& rule, const script::facts& call) {
  for (auto* key : {"type", "id", "call", "method"})
    if (rule.contains(key)) {
      auto fact = call.find(key);
      if (fact == call.end() || fact->second != rule[key])
        return false;
    }
  if (!rule.contains("path_contains"))
    return true;
  return call.at("path").find(rule["path_contains"].get<std::string>())
         != std::string::npos;
}

} // namespace

std::vector<value> trace::events(const std::string& name) const {
  std::vector<value> result;
  for (auto& one : output.value("events", value::array()))
    if (one["event"] == name)
      result.push_back(one);
  return result;
}

trace load_trace(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  auto all = value::parse(file);
  trace result;
  result.name = all["name"];
  result.kind = all["kind"];
  result.input = all["input"];
  result.script = all["script"];
  result.output = all["output"];
  if (result.output["events"].is_null())
    result.output["events"] = value::array();
  result.memory = bytes_of(all["node_memory"]);
  return result;
}

const value* script::decide(const std::string& list, const facts& call) {
  auto rules = lists_.find(list);
  if (rules == lists_.end())
    return nullptr;
  for (auto& rule : *rules) {
    auto limit = rule.value("times", std::int64_t{-1});
    if (!matches(rule, call) || (limit >= 0 && used_[&rule] >= limit))
      continue;
    ++used_[&rule];
    return &rule;
  }
  return nullptr;
}

std::string go_text(const value& what) {
  std::string result;
  for (char c : what.dump()) {
    if (c == '<')
      result += "\\u003c";
    else if (c == '>')
      result += "\\u003e";
    else if (c == '&')
      result += "\\u0026";
    else
      result += c;
  }
  return result;
}

std::string reservation_text(const value& what) {
  std::string result = "{";
  for (auto& [key, member] : what.items()) {
    if (key == "exact_data_text")
      continue;
    if (result.size() > 1)
      result += ',';
    (result += json::quote(key)) += ':';
    if (key == "data" && what.contains("exact_data_text"))
      result += what["exact_data_text"].get<std::string>();
    else if (key == "created" && member == "<NOW>")
      result += json::quote(json::format_rfc3339(from_unix(scenario_time)));
    else
      result += go_text(member);
  }
  return result + '}';
}

std::string text(const value& object, const char* key) {
  auto member = object.find(key);
  if (member == object.end() || !member->is_string())
    return {};
  return member->get<std::string>();
}

std::string default_result(const std::string& type, const std::string& id) {
  auto name = json::quote(id);
  if (type == "volume")
    return "{\"volume_id\":" + name + "}";
  if (type == "zdb")
    return "{\"Namespace\":" + name
           + ",\"IPs\":[\"2a02:1802:5e:0:1000:0:ff:1\",\"300:abcd::1\"],"
             "\"Port\":9900}";
  if (type == "container")
    return "{\"id\":" + name
           + ",\"ipv6\":\"\\u003cnil\\u003e\",\"ipv4\":\"10.1.2.5\","
             "\"yggdrasil\":\"\\u003cnil\\u003e\"}";
  if (type == "kubernetes")
    return "{\"id\":" + name + ",\"ip\":\"10.1.2.6\"}";
  if (type == "public_ip")
    return "{\"id\":" + name + ",\"ip\":\"185.69.166.120\"}";
  return "null";
}

int category_of(const std::string& type) {
  for (auto& one : categories)
    if (type == one.type)
      return one.number;
  return 255;
}

std::string type_of_category(int number) {
  for (auto& one : categories)
    if (number == one.number)
      return one.type;
  return {};
}

} // namespace provision::conformance
