#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include "router/session.hpp"
#include "router/setup.hpp"

namespace provision::router {

/// Clients dial in and say a secret; who comes in at the doors of tunnels with
/// that secret is carried to the client. Of several clients with one secret the
/// last one counts. Keeps no secret, only what was said of it. One thread.
class server {
public:
  explicit server(boost::asio::io_context& loop,
                  std::chrono::milliseconds greeting_patience
                  = std::chrono::seconds{10});
  ~server();

  /// Takes a setup over: doors and clients that it has too stay as they are.
  /// The error names what could not be opened; then it goes on by the setup
  /// before.
  error take(const std::string& setup_text);

  /// Hangs up on everybody.
  void stop();

private:
  using tcp = boost::asio::ip::tcp;
  using local = boost::asio::local::stream_protocol;

  struct door {
    std::string path = {};
    std::string digest = {};
    local::acceptor opened;
  };

  expected<std::unique_ptr<tcp::acceptor>> open_port(const setup& wanted);
  expected<std::shared_ptr<door>> open_door(const std::string& path,
                                            const std::string& digest);
  void welcome_clients(const std::shared_ptr<tcp::acceptor>& at);
  void welcome_visitors(const std::shared_ptr<door>& at);
  void again(const boost::system::error_code& failed,
             std::function<void()> what);
  void visited(const door& at, visitor_socket visitor);
  void dialled(tcp::socket client);
  bool admit(session& by, const std::string& secret);
  void forget(session& by);
  bool is_wanted(const std::string& digest) const;

  boost::asio::io_context& loop_;
  std::chrono::milliseconds patience_;
  setup now_ = {};
  std::string generation_ = {};
  std::shared_ptr<tcp::acceptor> port_ = {};
  std::shared_ptr<door> status_ = {};
  std::map<std::string, std::shared_ptr<door>> doors_ = {};
  /// All that are there, and of those the one for each digest.
  std::set<std::shared_ptr<session>> clients_ = {};
  std::map<std::string, std::shared_ptr<session>> admitted_ = {};
};

} // namespace provision::router
