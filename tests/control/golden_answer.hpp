#pragma once

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>

#include <rapidjson/document.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include <boost/test/unit_test.hpp>

#include "actors/interfaces.hpp"
#include "identity/key_directory.hpp"

namespace provision::testing {

/// Holds an answer against tests/golden/explain/<name>.json; with REGENERATE=1
/// in the environment it writes the file instead.
inline void check_answer(const std::string& name, const std::string& body) {
  rapidjson::Document document;
  document.Parse(body.data(), body.size());
  rapidjson::StringBuffer buffer;
  rapidjson::PrettyWriter<rapidjson::StringBuffer> writer{buffer};
  writer.SetIndent(' ', 2);
  document.Accept(writer);
  std::string made = std::string{buffer.GetString()} + "\n";
  auto path = "tests/golden/explain/" + name + ".json";
  const char* wish = std::getenv("REGENERATE");
  if (wish != nullptr && std::string_view{wish} == "1") {
    std::ofstream{path, std::ios::binary} << made;
    return;
  }
  std::ifstream file{path, std::ios::binary};
  std::string kept{std::istreambuf_iterator<char>{file}, {}};
  BOOST_CHECK_MESSAGE(kept == made, path << " differs from\n" << made);
}

/// A phonebook in which nobody stands.
class no_keys final : public key_directory {
public:
  void find_user_key(std::int64_t tid,
                     std::function<void(expected<std::string>)> done) override {
    done(fail(errc::unknown_user,
              "user " + std::to_string(tid) + " is in no phonebook"));
  }
};

/// A provisioner that never answers.
inline provisioner_actor a_mute(caf::actor_system& system) {
  return system.spawn(
    [](provisioner_actor::pointer self) -> provisioner_actor::behavior_type {
      return {[self](provision_workload&) -> caf::result<provisioned_workload> {
                return self->make_response_promise<provisioned_workload>();
              },
              [self](decommission_workload&) -> caf::result<done> {
                return self->make_response_promise<done>();
              },
              [](probe_provisioner) { return done{}; }};
    });
}

/// A provisioner that dies at its work.
inline provisioner_actor a_mortal(caf::actor_system& system) {
  return system.spawn(
    [](provisioner_actor::pointer self) -> provisioner_actor::behavior_type {
      return {[self](provision_workload&) -> caf::result<provisioned_workload> {
                self->quit(caf::exit_reason::kill);
                return self->make_response_promise<provisioned_workload>();
              },
              [](decommission_workload&) { return done{}; },
              [](probe_provisioner) { return done{}; }};
    });
}

} // namespace provision::testing
