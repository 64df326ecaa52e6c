#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/connect_pair.hpp>

#include "router/session.hpp"
#include "router/yamux.hpp"
#include "tests/fuzz/cutting.hpp"
#include "tests/fuzz/targets.hpp"

namespace provision::fuzz {

namespace {

using yamux::frame_type;

constexpr std::string_view secret = "open sesame";
constexpr std::string_view visitors_words = "GET / HTTP/1.1\r\n\r\n";

/// One end of a connection, held by somebody who never waits.
class far_end {
public:
  explicit far_end(int number) : number_{number} {}
  far_end(const far_end&) = delete;
  far_end& operator=(const far_end&) = delete;
  far_end(far_end&& other) noexcept
    : number_{std::exchange(other.number_, -1)}, heard{std::move(other.heard)} {
  }
  ~far_end() { close(); }

  void say(std::string_view bytes) const {
    // A session that has hung up is no reason to end.
    (void)!::send(number_, bytes.data(), bytes.size(),
                  MSG_NOSIGNAL | MSG_DONTWAIT);
  }
  void listen() {
    std::array<char, 4096> some{};
    for (;;) {
      const auto got = ::recv(number_, some.data(), some.size(), MSG_DONTWAIT);
      if (got <= 0)
        return;
      heard.append(some.data(), static_cast<std::size_t>(got));
    }
  }
  void close() {
    if (number_ >= 0)
      ::close(std::exchange(number_, -1));
  }

private:
  int number_;

public:
  std::string heard = {};
};

/// A client's session; two visitors come as soon as it is admitted.
class conversation {
public:
  conversation() : client_{dial()} {
    session_->start(std::chrono::hours{1});
    go_on();
  }

  void say(std::string_view bytes) {
    client_.say(bytes);
    go_on();
  }
  void hang_up() {
    client_.close();
    go_on();
  }

  bool is_admitted() const { return admitted_; }
  int ends() const { return ends_; }
  /// Frames that the client got, as they came.
  const std::string& answers() const { return client_.heard; }
  /// What visitor number `which` got.
  std::string visitor_heard(std::size_t which) const {
    return which < visitors_.size() ? visitors_[which].heard : std::string{};
  }

private:
  int dial() {
    std::array<int, 2> pair{};
    require(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()) == 0,
            "there is a connection");
    boost::asio::ip::tcp::socket near{loop_};
    near.assign(boost::asio::ip::tcp::v4(), pair[0]);
    session_ = std::make_shared<router::session>(
      std::move(near),
      router::session::duties{
        .admit = [this](router::session& by,
                        const std::string& said) { return admit(by, said); },
        .ended = [this](router::session&) { ++ends_; }});
    return pair[1];
  }

  bool admit(router::session& by, const std::string& said) {
    require(!admitted_, "admitted once");
    admitted_ = said == secret;
    while (admitted_ && visitors_.size() < 2)
      welcome(by);
    return admitted_;
  }

  void welcome(router::session& by) {
    router::visitor_socket near{loop_};
    router::visitor_socket far{loop_};
    boost::asio::local::connect_pair(near, far);
    visitors_.emplace_back(far.release());
    visitors_.back().say(visitors_words);
    by.carry(std::move(near));
  }

  void go_on() {
    do {
      loop_.restart();
      client_.listen();
      for (auto& one : visitors_)
        one.listen();
    } while (loop_.poll() > 0);
  }

  bool admitted_ = false;
  int ends_ = 0;
  boost::asio::io_context loop_;
  std::shared_ptr<router::session> session_ = {};
  far_end client_;
  std::vector<far_end> visitors_ = {};
};

/// What is said to a client is whole frames, and it begins streams in order.
void check_answers(const conversation& all) {
  std::string_view rest = all.answers();
  std::map<std::uint32_t, std::string> carried;
  std::uint32_t next = 2;
  while (rest.size() >= yamux::header_size) {
    const auto head = yamux::read(rest.substr(0, yamux::header_size));
    require(head.has_value(), "an answer is a frame");
    rest.remove_prefix(yamux::header_size);
    const bool begins = (head->flags & yamux::syn) != 0;
    require(!begins || (all.is_admitted() && head->stream == next),
            "streams begin in their order, for clients that were admitted");
    if (begins)
      next += 2;
    if (head->type != frame_type::data)
      continue;
    require(head->stream < next && head->stream % 2 == 0,
            "data comes on a stream that was begun");
    const auto piece = rest.substr(0, head->length);
    carried[head->stream] += piece;
    rest.remove_prefix(piece.size());
  }
  for (const auto& [stream, words] : carried)
    require(visitors_words.starts_with(words),
            "a client hears what its visitors say");
}

} // namespace

void router_frames(std::string_view bytes) {
  if (bytes.size() >= yamux::header_size)
    if (const auto head = yamux::read(bytes.substr(0, yamux::header_size)))
      require_same("a header", bytes.substr(0, yamux::header_size),
                   yamux::write(*head));
  conversation whole;
  whole.say(bytes);
  check_answers(whole);
  conversation parted;
  const auto cut
    = bytes.empty() ? 0
                    : static_cast<std::size_t>(number_in(bytes) % bytes.size());
  parted.say(bytes.substr(0, cut));
  parted.say(bytes.substr(cut));
  check_answers(parted);
  require(whole.is_admitted() == parted.is_admitted()
            && whole.ends() == parted.ends(),
          "a client fares the same however its bytes arrive");
  for (auto* one : {&whole, &parted}) {
    std::size_t passed_on = 0;
    for (std::size_t which = 0; which < 2; ++which)
      passed_on += one->visitor_heard(which).size();
    require(passed_on <= bytes.size(), "visitors hear what the client says");
    require(one->is_admitted() || passed_on == 0,
            "only a client that was admitted is heard");
    one->hang_up();
    require(one->ends() == 1, "a session ends once");
  }
}

} // namespace provision::fuzz
