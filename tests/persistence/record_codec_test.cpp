#include "persistence/record_codec.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>

#include "persistence/binary.hpp"
#include "persistence/row_codec.hpp"
#include "tests/persistence/builders.hpp"

using namespace provision;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(record_codec_test)

namespace {

record a_full_record() {
  auto what = a_provisioned("100-1", ~std::uint64_t{0}, {-5, 999'999'999});
  what.attempts = std::numeric_limits<std::uint32_t>::max();
  what.deaths = 2;
  what.cause = removal_cause::expired;
  what.reason = std::string("line\n\0end", 9);
  what.network = "net1";
  what.version = std::numeric_limits<int>::min();
  what.takes = {.cru = 1, .mru = 2, .hru = 3, .sru = ~std::uint64_t{0}};
  return what;
}

std::string hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    text.push_back(digits[(static_cast<unsigned char>(byte) >> 4U) & 0xfU]);
    text.push_back(digits[static_cast<unsigned char>(byte) & 0xfU]);
  }
  return text;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_record_comes_back_from_its_two_rows) {
  const auto what = a_full_record();
  auto back = decode_state(encode_state(what)).value();
  BOOST_CHECK(back.received.text.empty());
  back.received = decode_received(encode_received(what.received)).value();
  BOOST_CHECK(same(back, what));
}

BOOST_AUTO_TEST_CASE(the_format_is_the_one_that_is_documented) {
  record what;
  what.id = "1-1";
  what.sequence = 300;
  what.state = record_state::accepted;
  what.type = reservation_types::zdb;
  what.takes = {.cru = 1, .mru = 0, .hru = 0, .sru = 128};
  what.expires = {10, 5};
  what.attempts = 2;
  what.user_id = "7";
  what.version = -1;
  what.accepted_at = from_unix(1);
  what.settled_at = from_unix(0);
  what.result.created = from_unix(0);
  const auto row = encode_state(what);
  BOOST_CHECK_EQUAL(hex({row.data(), row.size() - 4}), "01"
                                                       "03312d31"
                                                       "01"
                                                       "ac02"
                                                       "037a6462"
                                                       "00"
                                                       "01"
                                                       "00"
                                                       "00"
                                                       "8001"
                                                       "1405"
                                                       "02"
                                                       "00"
                                                       "00"
                                                       "00"
                                                       "00"
                                                       "0137"
                                                       "01"
                                                       "0200"
                                                       "0000"
                                                       "00"
                                                       "00"
                                                       "0000"
                                                       "00"
                                                       "00"
                                                       "00"
                                                       "00");
  const auto bytes = encode_received(own_text("{}", text_form::reservation));
  BOOST_CHECK_EQUAL(hex({bytes.data(), bytes.size() - 4}), "01"
                                                           "02"
                                                           "7b7d");
}

BOOST_AUTO_TEST_CASE(a_summary_shows_the_head_of_the_row) {
  const auto what = a_full_record();
  const auto row = encode_state(what);
  const auto seen = decode_summary(row).value();
  BOOST_CHECK_EQUAL(seen.id, what.id);
  BOOST_CHECK(seen.state == what.state);
  BOOST_CHECK_EQUAL(seen.type, what.type.name);
  BOOST_CHECK_EQUAL(seen.network, what.network);
  BOOST_CHECK(seen.takes == what.takes);
  BOOST_CHECK_EQUAL(seen.sequence, what.sequence);
  BOOST_CHECK(seen.expires == what.expires);
}

BOOST_AUTO_TEST_CASE(any_flipped_bit_is_found) {
  const auto row = encode_state(a_full_record());
  const auto bytes = encode_received(a_full_record().received);
  for (std::size_t bit = 0; bit < 8 * row.size(); ++bit) {
    auto damaged = row;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    BOOST_CHECK(decode_state(damaged).error().code == errc::storage_corrupt);
    BOOST_CHECK(!decode_summary(damaged));
  }
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    auto damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    BOOST_CHECK(!decode_received(damaged));
    BOOST_CHECK(check_received(damaged));
  }
}

BOOST_AUTO_TEST_CASE(any_truncated_row_is_found) {
  const auto row = encode_state(a_full_record());
  for (std::size_t size = 0; size < row.size(); ++size)
    BOOST_CHECK(!decode_state({row.data(), size}));
}

BOOST_AUTO_TEST_CASE(a_sealed_row_with_fields_missing_names_the_field) {
  const auto row = encode_state(a_full_record());
  for (std::size_t size = 0; size < row.size() - 4; ++size) {
    byte_writer out;
    out.rest({row.data(), size});
    const auto short_row = std::move(out).sealed();
    const auto back = decode_state(short_row);
    BOOST_REQUIRE(!back);
    BOOST_CHECK(back.error().code == errc::storage_corrupt);
    BOOST_CHECK_NE(back.error().message.find("field"), std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(a_sealed_row_with_bytes_behind_it_is_refused) {
  const auto row = encode_state(a_full_record());
  byte_writer out;
  out.rest({row.data(), row.size() - 4});
  out.u8(0);
  BOOST_CHECK_EQUAL(decode_state(std::move(out).sealed()).error().message,
                    "state row: bytes behind the last field");
}

BOOST_AUTO_TEST_CASE(refuses_rows_of_a_version_it_does_not_know) {
  byte_writer out;
  out.u8(3);
  BOOST_CHECK_EQUAL(decode_state(std::move(out).sealed()).error().message,
                    "state row: field version is not valid");
}

BOOST_AUTO_TEST_CASE(an_older_daemon_reads_all_rows_that_were_not_retried) {
  auto what = a_full_record();
  BOOST_CHECK_EQUAL(encode_state(what).front(), 1);
  what.retries = 4;
  const auto row = encode_state(what);
  BOOST_CHECK_EQUAL(row.front(), 2);
  BOOST_CHECK_EQUAL(decode_state(row).value().retries, 4U);
  BOOST_CHECK(decode_summary(row).value().id == what.id);
}

BOOST_AUTO_TEST_CASE(refuses_states_that_do_not_exist) {
  auto what = a_full_record();
  for (const int state : {0, 7, 255}) {
    what.state = static_cast<record_state>(state);
    BOOST_CHECK_EQUAL(decode_summary(encode_state(what)).error().message,
                      "state row: field state is not valid");
  }
  what = a_full_record();
  what.cause = static_cast<removal_cause>(5);
  BOOST_CHECK(!decode_state(encode_state(what)));
  what = a_full_record();
  what.expires.nanoseconds = 1'000'000'000;
  BOOST_CHECK(!decode_state(encode_state(what)));
}

BOOST_AUTO_TEST_CASE(the_other_rows_come_back) {
  const tombstone stone{"1-1", -3, {7, 8}, "2-1"};
  const auto stone_back = decode_tombstone(encode_tombstone(stone)).value();
  BOOST_CHECK_EQUAL(stone_back.id, "1-1");
  BOOST_CHECK_EQUAL(stone_back.version, -3);
  BOOST_CHECK(stone_back.gone_at == stone.gone_at);
  BOOST_CHECK_EQUAL(stone_back.migrated_to, "2-1");
  const outbox_row report{9, report_kind::deleted, "1-1", "{}", true, "why"};
  const auto report_back = decode_outbox_row(encode_outbox_row(report)).value();
  BOOST_CHECK_EQUAL(report_back.sequence, 9U);
  BOOST_CHECK(report_back.kind == report_kind::deleted);
  BOOST_CHECK_EQUAL(report_back.body, "{}");
  BOOST_CHECK(report_back.parked);
  BOOST_CHECK_EQUAL(report_back.reason, "why");
  BOOST_CHECK_EQUAL(decode_number(encode_number(~0ULL)).value(), ~0ULL);
  BOOST_CHECK_EQUAL(decode_text(encode_text("node")).value(), "node");
}

BOOST_AUTO_TEST_CASE(
  an_older_daemon_reads_quarantined_input_without_an_answer) {
  quarantined what{.key = "1-1",
                   .since = {1, 2},
                   .received = own_text("{", text_form::document)};
  BOOST_CHECK_EQUAL(encode_quarantined(what).front(), 1);
  BOOST_CHECK_EQUAL(decode_quarantined(encode_quarantined(what))->answer, "");
  what.answer = R"({"workload_id":"1-1"})";
  const auto row = encode_quarantined(what);
  BOOST_CHECK_EQUAL(row.front(), 2);
  BOOST_CHECK_EQUAL(decode_quarantined(row)->answer, what.answer);
  BOOST_CHECK_EQUAL(decode_quarantined(row)->received.text, "{");
}

BOOST_AUTO_TEST_CASE(a_row_of_another_kind_is_not_taken_for_ours) {
  const auto number = encode_number(5);
  BOOST_CHECK(!decode_tombstone(number));
  BOOST_CHECK(!decode_outbox_row(number));
  BOOST_CHECK(!decode_journal_entry(number));
  BOOST_CHECK(!decode_quarantined(number));
  BOOST_CHECK(!decode_text(number));
  BOOST_CHECK(!decode_received(number));
  BOOST_CHECK(!decode_number(""));
}

BOOST_AUTO_TEST_CASE(numbers_beyond_64_bits_are_refused) {
  byte_writer out;
  out.u8(1);
  out.rest(std::string(9, '\xff') + '\x02');
  BOOST_CHECK(!decode_number(std::move(out).sealed()));
  byte_writer endless;
  endless.u8(1);
  endless.rest(std::string(20, '\x80'));
  BOOST_CHECK(!decode_number(std::move(endless).sealed()));
}

BOOST_AUTO_TEST_SUITE_END()
