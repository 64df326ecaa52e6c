#include "explorer/dated_transport.hpp"

#include <future>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "explorer/http/beast_transport.hpp"
#include "http/http_server.hpp"
#include "tests/explorer/simulated_fixture.hpp"

using namespace provision;

namespace dated_transport_test {
namespace {

/// Answers every request with the same headers, at once.
class headers_only final : public http_transport {
public:
  void send(http_request,
            std::function<void(expected<http_response>)> done) override {
    done(answer);
  }

  expected<http_response> answer = http_response{.status = 200};
};

struct fixture {
  /// What was heard of an answer with these headers; all is handed over.
  std::vector<timestamp>
  hear(std::vector<std::pair<std::string, std::string>> headers) {
    inner->answer = http_response{.status = 503, .headers = std::move(headers)};
    std::vector<timestamp> heard;
    bool handed_over = false;
    hear_dates(inner, [&](timestamp said) {
      heard.push_back(said);
    })->send({}, [&](expected<http_response> got) {
      handed_over = got && got->status == 503;
    });
    BOOST_CHECK(handed_over);
    return heard;
  }

  std::shared_ptr<headers_only> inner = std::make_shared<headers_only>();
};

} // namespace
} // namespace dated_transport_test

BOOST_FIXTURE_TEST_SUITE(dated_transport_test, fixture)

BOOST_AUTO_TEST_CASE(tells_the_date_of_every_answer) {
  BOOST_CHECK(hear({{"date", "Thu, 29 Feb 2024 23:59:59 GMT"}})
              == std::vector{from_unix(1709251199)});
}

BOOST_AUTO_TEST_CASE(is_silent_about_what_is_no_date_or_was_kept_by_a_cache) {
  BOOST_CHECK(hear({}).empty());
  BOOST_CHECK(hear({{"date", "yesterday"}}).empty());
  BOOST_CHECK(
    hear({{"date", "Thu, 29 Feb 2024 23:59:59 GMT"}, {"age", "7200"}}).empty());
  inner->answer = fail(errc::explorer_unreachable, "refused");
  bool failed = false;
  hear_dates(inner, [](timestamp) {
    BOOST_ERROR("heard of no answer");
  })->send({}, [&](expected<http_response> got) { failed = !got; });
  BOOST_CHECK(failed);
}

BOOST_AUTO_TEST_CASE(hears_the_simulated_explorers_clock_however_wrong) {
  simulation explorer;
  explorer.explorer->set_faults({.clock_skew = std::chrono::hours{24}});
  auto server = http_server::start({}, [&](const http_server_request& request,
                                           const http_reply& reply) {
                  reply(explorer.explorer->handle(request));
                }).value();
  auto transport
    = make_http_transport(
        {.url = "http://127.0.0.1:" + std::to_string(server->port())})
        .value();
  std::promise<timestamp> heard;
  std::promise<int> status;
  hear_dates(transport, [&](timestamp said) { heard.set_value(said); })
    ->send({.method = "GET", .target = "/api/v1/nodes/nobody"},
           [&](expected<http_response> got) {
             status.set_value(got ? got->status : 0);
           });
  BOOST_CHECK(heard.get_future().get()
              == from_unix(explorer.clock->seconds + 24 * 3600));
  BOOST_CHECK_EQUAL(status.get_future().get(), 404);
  transport.reset();
  server->stop();
}

BOOST_AUTO_TEST_SUITE_END()
