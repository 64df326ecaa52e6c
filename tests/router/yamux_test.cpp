#include "router/yamux.hpp"

#include <boost/test/unit_test.hpp>

#include "messages/hex.hpp"

using namespace provision;
using yamux::frame_type;

BOOST_AUTO_TEST_SUITE(yamux_test)

BOOST_AUTO_TEST_CASE(writes_and_reads_the_protocols_frames) {
  const std::pair<yamux::header, std::string> cases[]{
    {{frame_type::data, 0, 1, 5}, "000000000000000100000005"},
    {{frame_type::window_update, yamux::syn, 2, 0}, "000100010000000200000000"},
    {{frame_type::window_update, yamux::fin, 0x01020304, 0x40000},
     "000100040102030400040000"},
    {{frame_type::ping, yamux::ack, 0, 0xfffffffe}, "0002000200000000fffffffe"},
    {{frame_type::go_away, 0, 0, 1}, "000300000000000000000001"}};
  for (const auto& [what, bytes] : cases) {
    BOOST_CHECK_EQUAL(hex::encode(yamux::write(what)), bytes);
    const auto read = yamux::read(yamux::write(what));
    BOOST_REQUIRE(read);
    BOOST_CHECK(*read == what);
  }
}

BOOST_AUTO_TEST_CASE(reads_no_other_protocol) {
  for (const std::string bytes :
       {"010000000000000100000005", "000400000000000100000005",
        "00ff00000000000100000005", "0000000000000001000000",
        "00000000000000010000000500", ""})
    BOOST_CHECK_MESSAGE(!yamux::read(hex::decode(bytes).value()), bytes);
}

BOOST_AUTO_TEST_SUITE_END()
