#include "backends/output_target.hpp"

#include <boost/test/unit_test.hpp>

#include "backends/host/output_targets_file.hpp"

using namespace provision;

BOOST_AUTO_TEST_SUITE(output_target_test)

namespace {

std::string read(const std::string& url) {
  const auto found = parse_redis_channel(url);
  if (!found)
    return found.error().message;
  const auto& to = *found;
  return workloads::to_string(to.host) + ' ' + std::to_string(to.port) + ' '
         + to.channel
         + (to.user.empty() && to.password.empty()
              ? ""
              : ' ' + to.user + '/' + std::string{to.password.reveal()});
}

} // namespace

BOOST_AUTO_TEST_CASE(an_address_names_server_and_channel) {
  BOOST_CHECK_EQUAL(read("redis://10.1.2.9:6380/out"), "10.1.2.9 6380 out");
  BOOST_CHECK_EQUAL(read("redis://10.1.2.9/out"), "10.1.2.9 6379 out");
  BOOST_CHECK_EQUAL(read("redis://10.1.2.9:/out"), "10.1.2.9 6379 out");
  BOOST_CHECK_EQUAL(read("redis://[2001:db8::1]:7/a/b?c=%20#d"),
                    "2001:db8::1 7 a/b?c=%20");
}

BOOST_AUTO_TEST_CASE(it_may_hold_a_password) {
  BOOST_CHECK_EQUAL(read("redis://:open@10.1.2.9/out"),
                    "10.1.2.9 6379 out /open");
  BOOST_CHECK_EQUAL(read("redis://me:a%40b%3a@10.1.2.9/out"),
                    "10.1.2.9 6379 out me/a@b:");
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_told_without_the_text) {
  const std::string no_place
    = "names no numeric address with a port; names are not looked up";
  const std::string no_channel
    = "names no channel, as redis://address/channel does";
  BOOST_CHECK_EQUAL(read("http://:pw@10.1.2.9/out"),
                    "does not begin with redis://");
  BOOST_CHECK_EQUAL(read("redis://10.1.2.9/" + std::string(2048, 'c')),
                    "is longer than 2048 bytes");
  for (const auto* url : {"redis://", "redis://:pw@10.1.2.9",
                          "redis://:pw@10.1.2.9/", "redis://:pw@10.1.2.9/#a"})
    BOOST_CHECK_EQUAL(read(url), no_channel);
  for (const auto* url :
       {"redis://:pw@logs.example/out", "redis://:pw@10.1.2.9:0/out",
        "redis://:pw@10.1.2.9:70000/out", "redis://:pw@10.1.2.9:1x/out",
        "redis://:pw@[::1/out", "redis://:pw@[::1]1/out", "redis:///out"})
    BOOST_CHECK_EQUAL(read(url), no_place);
  for (const auto* url :
       {"redis://:p%w@10.1.2.9/out", "redis://:p%4@10.1.2.9/o"})
    BOOST_CHECK_EQUAL(read(url), "has a percent sign that stands for nothing");
}

BOOST_AUTO_TEST_CASE(targets_are_read_as_they_were_written) {
  const std::vector<output_target> targets{
    {output_stream::output,
     parse_redis_channel("redis://me:pass\tword@10.1.2.9:6380/o").value()},
    {output_stream::errors, parse_redis_channel("redis://[::5]/e").value()},
    {output_stream::usage, parse_redis_channel("redis://[::5]/u").value()}};
  const auto text = write_targets(targets);
  const auto again = read_targets(text.reveal());
  BOOST_REQUIRE(again);
  BOOST_CHECK(*again == targets);
  for (std::size_t size = 0; size < text.size(); ++size)
    BOOST_CHECK(!read_targets(text.reveal().substr(0, size)));
}

BOOST_AUTO_TEST_CASE(targets_that_nobody_wrote_are_refused) {
  const std::string whole = "stream\tstdout\nhost\t10.1.2.9\nport\t1\n"
                            "channel\tout\n";
  BOOST_REQUIRE(read_targets(whole + "end\n"));
  for (const auto* line :
       {"host\t10.1.2.900\n", "host\t\n", "port\t0\n", "port\tx\n",
        "channel\t\n", "stream\tstdin\n", "stream\tstderr\n", "colour\tred\n",
        "host\ta\tb\n"}) {
    const auto read = read_targets(whole + line + "end\n");
    BOOST_REQUIRE_MESSAGE(!read, line);
    BOOST_CHECK(read.error().code == errc::storage_corrupt);
  }
}

BOOST_AUTO_TEST_SUITE_END()
