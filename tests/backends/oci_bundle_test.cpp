#include "backends/host/oci_bundle.hpp"

#include <boost/test/unit_test.hpp>

#include "backends/host/seccomp_profile.hpp"

using namespace provision;

BOOST_AUTO_TEST_SUITE(oci_bundle_test)

namespace {

bool holds(const std::string& text, const std::string& part) {
  BOOST_TEST_INFO("in: " << text);
  return text.find(part) != std::string::npos;
}

constexpr std::string_view a_profile = R"({"defaultAction":"SCMP_ACT_ERRNO",
"defaultErrnoRet":38,"syscalls":[
{"names":["read","unshare","write","clone3"],"action":"SCMP_ACT_ALLOW","args":[],"comment":"x",
 "includes":{},"excludes":{}},
{"names":["mount"],"action":"SCMP_ACT_ALLOW","includes":{"caps":["CAP_SYS_ADMIN"]}},
{"names":["setns"],"action":"SCMP_ACT_ERRNO","errnoRet":1,
 "includes":{},"excludes":{"caps":["CAP_SYS_ADMIN"]}},
{"names":["chroot"],"action":"SCMP_ACT_ALLOW","includes":{"caps":["CAP_SYS_CHROOT"]}},
{"names":["elsewhere"],"action":"SCMP_ACT_ALLOW","includes":{"arches":["none"]}}]})";

} // namespace

BOOST_AUTO_TEST_CASE(a_profile_becomes_rules_for_the_capabilities) {
  const auto rules = seccomp_rules(a_profile, {"CAP_SYS_CHROOT"});
  BOOST_REQUIRE(rules);
  BOOST_CHECK(holds(*rules, R"({"defaultAction":"SCMP_ACT_ERRNO",)"
                            R"("defaultErrnoRet":38,"architectures":[)"));
  BOOST_CHECK(holds(*rules, R"({"names":["read","write"],)"
                            R"("action":"SCMP_ACT_ALLOW","args":[]})"));
  BOOST_CHECK(holds(*rules, R"({"names":["setns"],"action":"SCMP_ACT_ERRNO",)"
                            R"("errnoRet":1})"));
  BOOST_CHECK(holds(*rules, "chroot"));
  BOOST_CHECK(!holds(*rules, "elsewhere"));
  // Stricter than the profile.
  BOOST_CHECK(holds(*rules, R"({"names":["unshare",)"));
  BOOST_CHECK(!holds(*rules, "clone3"));
  BOOST_CHECK(!holds(*rules, R"(["mount"])"));
}

BOOST_AUTO_TEST_CASE(a_profile_that_allows_everything_is_none) {
  BOOST_CHECK(!seccomp_rules("", {}));
  BOOST_CHECK(!seccomp_rules("{}", {}));
  BOOST_CHECK(
    !seccomp_rules(R"({"defaultAction":"SCMP_ACT_ALLOW","syscalls":[]})", {}));
}

BOOST_AUTO_TEST_CASE(writes_what_a_runtime_reads) {
  const oci_bundle bundle{.hostname = "7-1",
                          .root = "/root \"quoted\"",
                          .arguments = {"/bin/sh", "-c", "a\nb"},
                          .environment = {secret{"A=\"x\""}},
                          .work_folder = "/home",
                          .user = 5,
                          .group = 6,
                          .more_groups = {7, 8},
                          .folders = {{"/pool/12-1", "/data"}},
                          .network_space = "/run/netns/a",
                          .seccomp = "{}"};
  const std::string text{oci_configuration(bundle).reveal()};
  for (const auto* part :
       {R"("args":["/bin/sh","-c","a\nb"])", R"("env":["A=\"x\""])",
        R"("user":{"uid":5,"gid":6,"additionalGids":[7,8]})",
        R"("noNewPrivileges":true)",
        R"("root":{"path":"/root \"quoted\"","readonly":false})",
        R"("uidMappings":[{"containerID":0,"hostID":100000,"size":65536}])",
        R"({"type":"network","path":"/run/netns/a"})",
        R"({"destination":"/data","type":"bind","source":"/pool/12-1")",
        R"("seccomp":{}}})"})
    BOOST_CHECK(holds(text, part));
  BOOST_CHECK(!holds(text, "ambient"));
}

BOOST_AUTO_TEST_CASE(what_the_reservation_sets_counts) {
  const auto merged
    = merged_environment({"PATH=/bin", "A=1", "B=2"},
                         {secret{"A=new"}, secret{"C=3"}, secret{"C=4"}});
  std::string all;
  for (const auto& one : merged)
    all += std::string{one.reveal()} + ' ';
  BOOST_CHECK_EQUAL(all, "PATH=/bin A=new B=2 C=4 ");
}

BOOST_AUTO_TEST_SUITE_END()
