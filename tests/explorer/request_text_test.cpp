#include "explorer/http/request_text.hpp"

#include <boost/test/unit_test.hpp>

using namespace provision;

BOOST_AUTO_TEST_SUITE(request_text_test)

namespace {

request_style style_for(const char* url) {
  return {.target = parse_origin(url).value(), .user_agent = "ua/1"};
}

} // namespace

BOOST_AUTO_TEST_CASE(orders_the_headers_as_the_original_does) {
  http_request request{.method = "PUT",
                       .target = "/api/v1/x?a=b",
                       .headers
                       = {{"Authorization", "A \xef\xbf\xbd"}, {"Date", "D"}},
                       .body = "{}\n"};
  BOOST_CHECK_EQUAL(
    request_text(request, style_for("http://127.0.0.1:8080")).value(),
    "PUT /api/v1/x?a=b HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nUser-Agent: ua/1\r\n"
    "Content-Length: 3\r\nAuthorization: A \xef\xbf\xbd\r\nDate: "
    "D\r\n\r\n{}\n");
}

BOOST_AUTO_TEST_CASE(names_a_length_only_where_a_body_may_be) {
  auto style = style_for("http://x");
  BOOST_CHECK_EQUAL(
    request_text({.method = "GET", .target = "/"}, style).value(),
    "GET / HTTP/1.1\r\nHost: x\r\nUser-Agent: ua/1\r\n\r\n");
  auto post = request_text({.method = "POST", .target = "/"}, style).value();
  BOOST_CHECK(post.find("Content-Length: 0\r\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(tells_a_proxy_the_whole_url) {
  auto style = style_for("http://x:81");
  style.proxy = parse_origin("http://Aladdin:open%20sesame@proxy").value();
  BOOST_CHECK_EQUAL(
    request_text({.method = "GET", .target = "/a"}, style).value(),
    "GET http://x:81/a HTTP/1.1\r\nHost: x:81\r\nUser-Agent: ua/1\r\n"
    "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n");
}

BOOST_AUTO_TEST_CASE(asks_a_proxy_for_a_tunnel_and_keeps_it_out_of_the_rest) {
  auto style = style_for("https://x");
  style.proxy = parse_origin("http://a:b@proxy").value();
  BOOST_CHECK_EQUAL(connect_text(style),
                    "CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\nUser-Agent: "
                    "ua/1\r\nProxy-Authorization: Basic YTpi\r\n\r\n");
  BOOST_CHECK_EQUAL(
    request_text({.method = "GET", .target = "/a"}, style).value(),
    "GET /a HTTP/1.1\r\nHost: x\r\nUser-Agent: ua/1\r\n\r\n");
}

BOOST_AUTO_TEST_CASE(refuses_parts_that_would_break_the_message_apart) {
  auto style = style_for("http://x");
  for (const auto& request : {
         http_request{.method = "", .target = "/"},
         http_request{.method = "GET", .target = ""},
         http_request{.method = "GET", .target = "x"},
         http_request{.method = "G T", .target = "/"},
         http_request{.method = "GET", .target = "/a b"},
         http_request{.method = "GET", .target = "/a\r\nX: y"},
         http_request{.method = "GET", .target = "/", .headers = {{"", "x"}}},
         http_request{
           .method = "GET", .target = "/", .headers = {{"a", "b\nc"}}},
         http_request{
           .method = "GET", .target = "/", .headers = {{"a:b", "c"}}},
       }) {
    auto text = request_text(request, style);
    BOOST_REQUIRE(!text);
    BOOST_CHECK(text.error().code == errc::malformed_input);
  }
}

BOOST_AUTO_TEST_SUITE_END()
