#pragma once

#include <boost/test/unit_test.hpp>

#include <memory>
#include <string>
#include <utility>

#include "explorer/http/beast_transport.hpp"

namespace provision {

inline std::shared_ptr<http_transport>
transport_to(const std::string& url, http_transport_options options = {}) {
  options.url = url;
  return make_http_transport(std::move(options)).value();
}

inline void check_unreachable(const expected<http_response>& response,
                              const std::string& part) {
  BOOST_REQUIRE(!response);
  BOOST_CHECK(response.error().code == errc::explorer_unreachable);
  BOOST_TEST_CONTEXT(response.error().message)
  BOOST_CHECK(response.error().message.find(part) != std::string::npos);
}

inline constexpr const char* small_answer
  = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

} // namespace provision
