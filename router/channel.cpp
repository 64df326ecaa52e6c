#include "router/channel.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

namespace provision::router {

namespace {

using boost::system::error_code;
using yamux::frame_type;

} // namespace

channel::channel(std::uint32_t id, visitor_socket visitor, carrier by)
  : id_{id}, visitor_{std::move(visitor)}, by_{std::move(by)} {
}

bool channel::take(std::string bytes) {
  if (bytes.size() > receive_window_)
    return false;
  receive_window_ -= static_cast<std::uint32_t>(bytes.size());
  if (is_closed_ || client_done_ || bytes.empty())
    return true;
  to_visitor_.push_back(std::move(bytes));
  speak();
  return true;
}

void channel::grow(std::uint32_t more) {
  // A client that counts wrong gets no further than the largest number.
  send_window_ += std::min(more, ~std::uint32_t{0} - send_window_);
  listen();
}

void channel::finish() {
  client_done_ = true;
  speak();
}

void channel::close() {
  is_closed_ = true;
  error_code ignored;
  visitor_.close(ignored);
}

/// Asks the visitor for more, as much as can be carried.
void channel::listen() {
  if (is_listening_ || is_closed_ || visitor_done_ || send_window_ == 0
      || !by_.has_room())
    return;
  is_listening_ = true;
  const auto room = std::min<std::size_t>(chunk_.size(), send_window_);
  visitor_.async_read_some(
    boost::asio::buffer(chunk_.data(), room),
    [self = shared_from_this()](const error_code& failed, std::size_t size) {
      self->is_listening_ = false;
      if (self->is_closed_)
        return;
      if (size > 0)
        self->heard(size);
      if (failed)
        self->visitor_is_done();
      else
        self->listen();
    });
}

void channel::heard(std::size_t size) {
  const auto length = static_cast<std::uint32_t>(size);
  send_window_ -= length;
  by_.send({frame_type::data, 0, id_, length}, {chunk_.data(), size});
}

void channel::visitor_is_done() {
  visitor_done_ = true;
  by_.send({frame_type::window_update, yamux::fin, id_, 0}, {});
  part_if_over();
}

/// Passes on to the visitor, one piece at a time.
void channel::speak() {
  if (is_speaking_ || is_closed_)
    return;
  if (to_visitor_.empty()) {
    if (client_done_) {
      error_code ignored;
      visitor_.shutdown(visitor_socket::shutdown_send, ignored);
      part_if_over();
    }
    return;
  }
  is_speaking_ = true;
  boost::asio::async_write(
    visitor_, boost::asio::buffer(to_visitor_.front()),
    [self = shared_from_this()](const error_code& failed, std::size_t size) {
      self->is_speaking_ = false;
      if (self->is_closed_)
        return;
      if (failed)
        return self->reset();
      self->to_visitor_.pop_front();
      self->spoken(size);
      self->speak();
    });
}

/// Lets the client send more, not for every little piece.
void channel::spoken(std::size_t size) {
  passed_on_ += static_cast<std::uint32_t>(size);
  if (passed_on_ < yamux::window_size / 2 || client_done_)
    return;
  receive_window_ += passed_on_;
  by_.send({frame_type::window_update, 0, id_, std::exchange(passed_on_, 0)},
           {});
}

void channel::part_if_over() {
  if (!visitor_done_ || !client_done_ || !to_visitor_.empty() || is_closed_)
    return;
  close();
  by_.done(id_);
}

/// The visitor is gone: nothing more is wanted of the client.
void channel::reset() {
  by_.send({frame_type::window_update, yamux::rst, id_, 0}, {});
  close();
  by_.done(id_);
}

} // namespace provision::router
