#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <set>

#include <rapidjson/document.h>

#include "tests/control/api_under_test.hpp"
#include "tests/support/patience.hpp"

using namespace provision;
using namespace provision::testing;
using rapidjson::Value;

namespace openapi_test {
namespace {

/// docs/openapi.json against the API as it is.
struct documented : api_under_test {
  documented() {
    std::ifstream file{"docs/openapi.json", std::ios::binary};
    std::string text{std::istreambuf_iterator<char>{file}, {}};
    document.Parse(text.data(), text.size());
    BOOST_REQUIRE(document.IsObject());
  }

  /// The schema itself if it is a reference.
  const Value& resolve(const Value& schema) {
    if (!schema.HasMember("$ref"))
      return schema;
    std::string_view name = schema["$ref"].GetString();
    name.remove_prefix(name.rfind('/') + 1);
    return document["components"]["schemas"][std::string{name}.c_str()];
  }

  /// Each member of `value` is in the schema with its type, and each required
  /// one is there.
  void check(const Value& value, const Value& given, const std::string& where) {
    auto& schema = resolve(given);
    if (!schema.HasMember("type"))
      return;
    std::string_view type = schema["type"].GetString();
    if (value.IsNull()) {
      bool may_be = schema.HasMember("nullable") || given.HasMember("$ref");
      BOOST_CHECK_MESSAGE(may_be, where << " is null");
      return;
    }
    bool fits = (type == "object" && value.IsObject())
                || (type == "array" && value.IsArray())
                || (type == "string" && value.IsString())
                || (type == "integer" && value.IsInt64())
                || (type == "boolean" && value.IsBool());
    BOOST_CHECK_MESSAGE(fits, where << " is no " << type);
    if (fits && value.IsArray())
      for (auto& one : value.GetArray())
        check(one, schema["items"], where + "[]");
    if (fits && value.IsObject())
      check_members(value, schema, where);
  }

  void check_members(const Value& value, const Value& schema,
                     const std::string& where) {
    if (schema.HasMember("additionalProperties"))
      return;
    auto& known = schema["properties"];
    for (auto& one : value.GetObject()) {
      std::string name = one.name.GetString();
      BOOST_CHECK_MESSAGE(known.HasMember(name.c_str()),
                          where << "." << name << " is not described");
      if (known.HasMember(name.c_str()))
        check(one.value, known[name.c_str()], where + "." + name);
    }
    for (auto& name : schema["required"].GetArray())
      BOOST_CHECK_MESSAGE(value.HasMember(name),
                          where << "." << name.GetString() << " is missing");
  }

  rapidjson::Document document;
};

} // namespace
} // namespace openapi_test

BOOST_FIXTURE_TEST_SUITE(openapi_test, documented)

BOOST_AUTO_TEST_CASE(describes_every_route_and_no_other) {
  std::set<std::string> served;
  for (auto& route : api_routes())
    served.insert(std::string{route.method} + " " + std::string{route.path});
  std::set<std::string> described;
  for (auto& path : document["paths"].GetObject())
    for (auto& method : path.value.GetObject()) {
      std::string verb = method.name.GetString();
      std::transform(verb.begin(), verb.end(), verb.begin(),
                     [](unsigned char c) { return std::toupper(c); });
      described.insert(verb + " " + path.name.GetString());
    }
  BOOST_CHECK_EQUAL_COLLECTIONS(served.begin(), served.end(), described.begin(),
                                described.end());
}

BOOST_AUTO_TEST_CASE(every_answer_fits_its_schema) {
  explorer->answer = [](const report&) {
    return error{errc::explorer_refused, "409 conflict", 409};
  };
  on_provision = [](const reservation& r) -> expected<std::string> {
    if (r.id == "100-2")
      return fail(errc::provision_failed, "no such disk");
    return "{\"volume_id\":\"" + r.id + "\"}";
  };
  output.tail = [](auto&, auto& id, auto) -> expected<output_piece> {
    return output_piece{.text = id + " says hello\n"};
  };
  open();
  auto stray = a_volume("200-1");
  stray.node_id = "3NAkUYqm5iPRmNAnmLfjwdreqDssvsebj4uPUt9BxFPm";
  give({a_volume("100-1"), a_volume("100-2"), stray});
  std::size_t checked = 0;
  for (auto& path : document["paths"].GetObject()) {
    if (!path.value.HasMember("get"))
      continue;
    auto& content = path.value["get"]["responses"]["200"]["content"];
    if (!content.HasMember("application/json"))
      continue;
    std::string target = path.name.GetString();
    if (auto at = target.find("{id}"); at != std::string::npos)
      target.replace(at, 4,
                     target.find("quarantine") != std::string::npos ? "200-1"
                                                                    : "100-2");
    // What waits for a thread of its own comes a moment later.
    auto reply = request("GET", target);
    BOOST_REQUIRE(
      test::eventually([&] { return std::atomic_ref{reply->status} != 0; }));
    auto got = *reply;
    BOOST_CHECK_EQUAL(got.status, 200);
    rapidjson::Document answer;
    answer.Parse(got.body.data(), got.body.size());
    check(answer, content["application/json"]["schema"], target);
    ++checked;
  }
  BOOST_CHECK_GE(checked, 10U);
  auto refused = get("/v1/reservations/9");
  rapidjson::Document answer;
  answer.Parse(refused.body.data(), refused.body.size());
  check(answer, document["components"]["schemas"]["error"], "error");
}

BOOST_AUTO_TEST_SUITE_END()
