#include "shim/process_spec.hpp"

#include <boost/test/unit_test.hpp>

using namespace provision;
using namespace provision::shim;

BOOST_AUTO_TEST_SUITE(process_spec_test)

namespace {

process_spec a_full_one() {
  return {.arguments = {"/bin/echo", "two words", "line\nfeed", "\ttab\\", ""},
          .environment = {"A=1", "B=with \\n in it"},
          .groups = {"/sys/fs/cgroup/memory/provision-a/1-1"},
          .limits = {{"/sys/fs/cgroup/memory/provision-a/1-1/limit", "5 6"}},
          .oom_file = "/sys/fs/cgroup/memory/provision-a/1-1/oom",
          .network_space = "/run/netns/a",
          .mounts = {{"", "/hidden", ""}, {"overlay", "/root", "lowerdir=/a"}},
          .pid_file = "/run/pid",
          .scratch = "/run/scratch",
          .log_bytes_max = 12,
          .old_logs_max = 0,
          .stream_bytes_max = 34,
          .grace = std::chrono::milliseconds{1},
          .restart_delay = std::chrono::milliseconds{2},
          .restart_window = std::chrono::milliseconds{3},
          .restarts_max = 4};
}

} // namespace

BOOST_AUTO_TEST_CASE(is_read_as_it_was_written) {
  const auto read = read_spec(write_spec(a_full_one()));
  BOOST_REQUIRE(read);
  BOOST_CHECK(*read == a_full_one());
}

BOOST_AUTO_TEST_CASE(no_part_of_one_is_taken_for_a_whole) {
  const auto text = write_spec(a_full_one());
  for (std::size_t size = 0; size < text.size(); ++size)
    BOOST_CHECK(!read_spec(std::string_view{text}.substr(0, size)));
}

BOOST_AUTO_TEST_CASE(one_that_asks_for_nothing_new_is_as_before) {
  auto spec = a_full_one();
  spec.stream_bytes_max = 0;
  const auto text = write_spec(spec);
  BOOST_CHECK(text.find("stream") == std::string::npos);
  BOOST_CHECK(read_spec(text).value() == spec);
}

BOOST_AUTO_TEST_CASE(names_the_line_that_it_does_not_know) {
  const auto read = read_spec("argument\t/bin/true\ncolour\tred\nend\n");
  BOOST_REQUIRE(!read);
  BOOST_CHECK(read.error().code == errc::storage_corrupt);
  BOOST_CHECK(read.error().message.find("colour") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(refuses_a_number_that_is_none) {
  BOOST_CHECK(!read_spec("argument\t/bin/true\ngrace_ms\tsoon\nend\n"));
  BOOST_CHECK(!read_spec("argument\t/bin/true\ngrace_ms\t5s\nend\n"));
}

BOOST_AUTO_TEST_SUITE_END()
