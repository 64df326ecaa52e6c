#include "router/session.hpp"

#include <utility>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <netinet/tcp.h>

namespace provision::router {

namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;
using yamux::frame_type;

/// Waiting for the client to take it; visitors are not listened to beyond.
constexpr std::size_t outgoing_bytes_max = 1U << 20U;
/// What visitors do not take of it is kept here, a window each.
constexpr std::size_t visitors_max = 128;
constexpr std::size_t greeting_head = 4;
constexpr std::size_t secret_bytes_max = 1024;
constexpr std::string_view magic = "\x11\x11";

/// Length of the secret; nothing if no greeting begins like this.
std::optional<std::size_t> announced(const std::string& greeting) {
  if (!std::string_view{greeting}.starts_with(magic))
    return std::nullopt;
  const auto byte = [&](std::size_t at) {
    return static_cast<std::size_t>(static_cast<unsigned char>(greeting[at]));
  };
  const auto size = byte(2) << 8U | byte(3);
  if (size == 0 || size > secret_bytes_max)
    return std::nullopt;
  return size;
}

/// A client that vanished without a word is noticed within two minutes.
void watch(tcp::socket& client) {
  error_code ignored;
  client.set_option(boost::asio::socket_base::keep_alive{true}, ignored);
  client.set_option(tcp::no_delay{true}, ignored);
  constexpr int idle_s = 60;
  constexpr int unheard_ms = 120000;
  ::setsockopt(client.native_handle(), IPPROTO_TCP, TCP_KEEPIDLE, &idle_s,
               sizeof idle_s);
  ::setsockopt(client.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT,
               &unheard_ms, sizeof unheard_ms);
}

} // namespace

session::session(tcp::socket client, duties what)
  : client_{std::move(client)}, timer_{client_.get_executor()}, duties_{
                                                                  std::move(
                                                                    what)} {
}

void session::start(std::chrono::milliseconds patience) {
  watch(client_);
  timer_.expires_after(patience);
  timer_.async_wait([self = shared_from_this()](const error_code& failed) {
    if (!failed && !self->is_admitted_)
      self->close();
  });
  listen();
}

void session::carry(visitor_socket visitor) {
  if (is_closed_ || channels_.size() >= visitors_max)
    return;
  const auto id = std::exchange(next_stream_, next_stream_ + 2);
  auto made = std::make_shared<channel>(
    id, std::move(visitor),
    channel::carrier{
      .send = [this](const yamux::header& what,
                     std::string payload) { send(what, std::move(payload)); },
      .has_room = [this] { return outgoing_bytes_ < outgoing_bytes_max; },
      .done = [this](std::uint32_t over) { channels_.erase(over); }});
  channels_.emplace(id, made);
  send({frame_type::window_update, yamux::syn, id, 0}, {});
  made->start();
}

void session::close() {
  if (std::exchange(is_closed_, true))
    return;
  error_code ignored;
  client_.close(ignored);
  timer_.cancel();
  for (const auto& [id, one] : std::exchange(channels_, {}))
    one->close();
  duties_.ended(*this);
}

// -- what the client says -----------------------------------------------------

void session::listen() {
  boost::asio::async_read(
    client_, boost::asio::buffer(head_),
    [self = shared_from_this()](const error_code& failed, std::size_t) {
      const auto what
        = failed ? std::nullopt
                 : yamux::read({self->head_.data(), self->head_.size()});
      if (self->is_closed_)
        return;
      if (!what)
        return self->close();
      self->heard(*what);
    });
}

void session::heard(const yamux::header& what) {
  if (what.type == frame_type::go_away)
    return close();
  if (what.type == frame_type::ping) {
    if ((what.flags & yamux::syn) != 0)
      send({frame_type::ping, yamux::ack, 0, what.length}, {});
    return is_closed_ ? void() : listen();
  }
  if (what.type != frame_type::data || what.length == 0)
    return heard_data(what, {});
  // Nobody may send more at once than a whole window, a stranger no more than a
  // greeting has.
  const auto length_max = is_admitted_ ? std::size_t{yamux::window_size}
                                       : greeting_head + secret_bytes_max;
  if (what.length > length_max)
    return close();
  payload_.resize(what.length);
  boost::asio::async_read(
    client_, boost::asio::buffer(payload_),
    [self = shared_from_this(), what](const error_code& failed, std::size_t) {
      if (self->is_closed_)
        return;
      if (failed)
        return self->close();
      self->heard_data(what, std::exchange(self->payload_, {}));
    });
}

void session::heard_data(const yamux::header& what, std::string payload) {
  constexpr std::uint32_t odd = 1;
  if ((what.stream & odd) != 0)
    heard_of_greeting(what, payload);
  else
    heard_of_stream(what, std::move(payload));
  if (!is_closed_)
    listen();
}

void session::heard_of_stream(const yamux::header& what, std::string payload) {
  const auto found = channels_.find(what.stream);
  // Of one that is over there may be more on its way.
  if (found == channels_.end())
    return what.stream == 0 || what.stream >= next_stream_ ? close() : void();
  const auto one = found->second;
  if ((what.flags & yamux::rst) != 0) {
    channels_.erase(found);
    return one->close();
  }
  if (what.type == frame_type::window_update)
    one->grow(what.length);
  else if (!one->take(std::move(payload)))
    return close();
  if ((what.flags & yamux::fin) != 0)
    one->finish();
}

/// The client opens one stream, on which it says who it is.
void session::heard_of_greeting(const yamux::header& what,
                                const std::string& payload) {
  if ((what.flags & yamux::syn) != 0) {
    if (greeting_stream_ != 0)
      return close();
    greeting_stream_ = what.stream;
    send({frame_type::window_update, yamux::ack, what.stream, 0}, {});
  }
  if (what.stream != greeting_stream_)
    return close();
  if (is_admitted_)
    return;
  greeting_ += payload;
  if (greeting_.size() < greeting_head)
    return;
  const auto size = announced(greeting_);
  if (!size || greeting_.size() > greeting_head + *size)
    return close();
  if (greeting_.size() < greeting_head + *size)
    return;
  const auto secret = std::exchange(greeting_, {}).substr(greeting_head);
  send({frame_type::window_update, yamux::fin, greeting_stream_, 0}, {});
  is_admitted_ = true;
  timer_.cancel();
  if (!duties_.admit(*this, secret))
    close();
}

// -- what it is told ----------------------------------------------------------

void session::send(const yamux::header& what, std::string payload) {
  if (is_closed_)
    return;
  auto frame = yamux::write(what) + std::move(payload);
  outgoing_bytes_ += frame.size();
  outgoing_.push_back(std::move(frame));
  // What nobody takes is not kept without end: answers to pings, for instance.
  if (outgoing_bytes_ > 2 * outgoing_bytes_max)
    return close();
  write();
}

void session::write() {
  if (is_writing_ || outgoing_.empty())
    return;
  is_writing_ = true;
  boost::asio::async_write(
    client_, boost::asio::buffer(outgoing_.front()),
    [self = shared_from_this()](const error_code& failed, std::size_t size) {
      self->is_writing_ = false;
      if (self->is_closed_)
        return;
      if (failed)
        return self->close();
      const bool was_full = self->outgoing_bytes_ >= outgoing_bytes_max;
      self->outgoing_bytes_ -= size;
      self->outgoing_.pop_front();
      if (was_full && self->outgoing_bytes_ < outgoing_bytes_max) {
        std::vector<std::shared_ptr<channel>> all;
        for (const auto& [id, one] : self->channels_)
          all.push_back(one);
        for (const auto& one : all)
          one->resume();
      }
      self->write();
    });
}

} // namespace provision::router
