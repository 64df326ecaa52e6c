#include "explorer/simulated/answers.hpp"

#include <algorithm>
#include <utility>

#include "messages/json/json.hpp"

namespace provision::simulated {

namespace {

// Go buffers this much before it gives up naming the length.
constexpr std::size_t buffered_bytes_max = 2048;

std::string envelope(std::string_view text) {
  std::string safe{text.empty() ? "no message" : text};
  std::replace(safe.begin(), safe.end(), '%', '?');
  return "{\"error\":" + json::quote(safe) + "}";
}

http_server_response plain(int status, std::string body) {
  http_server_response response;
  response.status = status;
  response.headers = {{"Content-Type", "text/plain; charset=utf-8"}};
  response.body = std::move(body);
  return response;
}

} // namespace

http_server_response answer(int status, std::string json) {
  http_server_response response;
  response.status = status;
  response.headers = {{"Content-Type", "application/json"}};
  response.body = std::move(json);
  response.body += '\n';
  response.is_chunked = response.body.size() > buffered_bytes_max;
  return response;
}

http_server_response done() {
  return answer(200, "null");
}

http_server_response created() {
  return answer(201, "null");
}

http_server_response refuse(int status, std::string_view text) {
  return answer(status, envelope(text));
}

http_server_response refuse_caller(std::string_view reason) {
  auto text = "unauthorized access: " + std::string{reason};
  auto response = plain(401, envelope(text) + "\n");
  response.headers.emplace_back(
    "WWW-Authenticate", "Signature headers=\"(created) date threebot-id\"");
  return response;
}

http_server_response no_such_page() {
  return plain(404, "404 page not found\n");
}

http_server_response wrong_method() {
  http_server_response response;
  response.status = 405;
  return response;
}

http_server_response moved(std::string location) {
  http_server_response response;
  response.status = 301;
  response.headers = {{"Location", std::move(location)}};
  return response;
}

} // namespace provision::simulated
