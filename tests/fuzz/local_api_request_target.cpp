#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "http/http_session.hpp"
#include "messages/json/json.hpp"
#include "tests/control/api_under_test.hpp"
#include "tests/fuzz/targets.hpp"

namespace provision::fuzz {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

/// A node with its API, and the server's side of one connection at a time; all
/// of it in one thread.
class served_node final : public http_session_owner {
public:
  served_node()
    : http_session_owner{
      limits(), [this](const http_server_request& request, http_reply reply) {
        take(request, std::move(reply));
      }} {
    node_.open();
    node_.give({testing::a_volume("100-1"), testing::a_volume("100-2")});
  }

  struct conversation {
    /// Of the requests that the API was asked, in order.
    std::vector<std::string> methods = {};
    /// All that came back.
    std::string answers = {};
    /// The connection stayed open when nothing more was said: a stream.
    bool stayed_open = false;
  };

  conversation talk(std::string_view bytes, api_role role) {
    role_ = role;
    now_ = {};
    std::array<int, 2> ends{};
    require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data())
              == 0,
            "there are sockets");
    client_ = ends[1];
    open_ = true;
    {
      auto session = std::make_shared<http_session>(
        http_session::socket_type{
          io_, asio::generic::stream_protocol{AF_UNIX, 0}, ends[0]},
        *this);
      session->start();
      session_ = session;
    }
    say(bytes);
    ::shutdown(client_, SHUT_WR);
    go_on();
    now_.stayed_open = open_;
    ::close(client_);
    if (auto session = session_.lock())
      session->close();
    client_ = -1;
    go_on();
    require(!open_ && session_.expired(), "a connection that is closed ends");
    return now_;
  }

  std::size_t provisioner_calls() const { return node_.calls.size(); }

  void forget(const std::shared_ptr<http_session>&) override { open_ = false; }

private:
  static http_server_options limits() {
    return {.body_bytes_max = 64U << 10U, .header_bytes_max = 16U << 10U};
  }

  void take(const http_server_request& request, http_reply reply) {
    now_.methods.push_back(request.method);
    caf::anon_send(node_.api, api_call{request, role_, std::move(reply), {}});
    node_.run();
  }

  void say(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto taken
        = ::send(client_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (taken > 0)
        bytes.remove_prefix(static_cast<std::size_t>(taken));
      else if (go_on() == 0)
        return;
    }
  }

  /// Until nothing moves; how much did.
  std::size_t go_on() {
    std::size_t moved = 0;
    for (std::size_t step = 1; step > 0; moved += step) {
      io_.restart();
      step = io_.poll() + node_.run() + hear();
    }
    return moved;
  }

  std::size_t hear() {
    if (client_ < 0)
      return 0;
    std::array<char, 16384> piece{};
    const auto size = ::recv(client_, piece.data(), piece.size(), 0);
    if (size <= 0)
      return 0;
    now_.answers.append(piece.data(), static_cast<std::size_t>(size));
    return static_cast<std::size_t>(size);
  }

  testing::api_under_test node_;
  asio::io_context io_;
  std::weak_ptr<http_session> session_;
  int client_ = -1;
  bool open_ = false;
  api_role role_ = api_role::reader;
  conversation now_ = {};
};

struct seen_answer {
  int status = 0;
  std::string type = {};
  std::string body = {};
};

/// The next whole answer in `wire`; `to_head`: it has no body.
std::optional<seen_answer> next_answer(std::string_view& wire, bool to_head) {
  http::response_parser<http::string_body> parser;
  parser.eager(true);
  parser.skip(to_head);
  boost::system::error_code ec;
  const auto used = parser.put(asio::buffer(wire), ec);
  require(!ec || ec == http::error::need_more, "an answer is HTTP");
  if (!parser.is_done())
    return std::nullopt;
  wire.remove_prefix(used);
  const auto& whole = parser.get();
  return seen_answer{static_cast<int>(whole.result_int()),
                     std::string{whole[http::field::content_type]},
                     whole.body()};
}

void check_answer(const seen_answer& answer, const std::string& method,
                  api_role role) {
  require(answer.status >= 200 && answer.status <= 599, "a status is known");
  // Health is told in plain words, as its askers expect.
  require(answer.body.empty() || answer.type.starts_with("text/plain")
            || !json::check_json(answer.body),
          "the API answers with JSON: " + answer.body);
  require(answer.status < 400 || method == "HEAD" || !answer.body.empty(),
          "a refusal says why");
  require(role == api_role::admin || method == "GET" || answer.status >= 400,
          "a reader gives no orders");
}

/// One answer per request, in order; then at most one that ends the connection.
void check_answers(const served_node::conversation& heard, api_role role) {
  std::string_view wire = heard.answers;
  std::size_t answered = 0;
  while (!wire.empty()) {
    const bool is_own = answered == heard.methods.size();
    const auto method = is_own ? "GET" : heard.methods[answered];
    const auto answer = next_answer(wire, method == "HEAD");
    if (!answer) {
      require(heard.stayed_open, "an answer is whole");
      return;
    }
    if (answer->status == 100)
      continue;
    if (is_own) {
      require(answer->status == 400 || answer->status == 413
                || answer->status == 431,
              "what is no request is refused as such");
      require(wire.empty(), "a refusal is the last answer");
      return;
    }
    check_answer(*answer, method, role);
    ++answered;
  }
  require(answered == heard.methods.size() || heard.stayed_open,
          "every request is answered");
}

} // namespace

void local_api_request(std::string_view bytes) {
  // Not destroyed at the end: an actor system must not end in the wrong order.
  static auto* node = new served_node;
  const auto calls = node->provisioner_calls();
  const auto as_reader = node->talk(bytes, api_role::reader);
  check_answers(as_reader, api_role::reader);
  require(node->provisioner_calls() == calls, "a reader moves nothing");
  const auto as_admin = node->talk(bytes, api_role::admin);
  check_answers(as_admin, api_role::admin);
  // The next input meets the same node.
  if (node->provisioner_calls() != calls || as_reader.stayed_open
      || as_admin.stayed_open) {
    delete node;
    node = new served_node;
  }
}

} // namespace provision::fuzz
