// provisiond-router: carries visitors of reverse proxies to the clients that
// dialled in for them. Usage: provisiond-router FILE, a setup (setup.hpp);
// SIGHUP: read it again; SIGTERM: end.
#include <csignal>
#include <functional>
#include <iostream>

#include <sys/resource.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "router/server.hpp"
#include "shim/small_file.hpp"

namespace {

/// As many connections as this process may have at most.
void lift_file_limit() {
  rlimit files = {};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
  }
}

} // namespace

int main(int count, char** words) {
  using namespace provision;
  if (count != 2) {
    std::cerr << "usage: provisiond-router FILE\n";
    return 2;
  }
  const std::string file = words[1];
  lift_file_limit();
  boost::asio::io_context loop;
  // First: whoever sees it serve may tell it at once to read again.
  boost::asio::signal_set signals{loop, SIGHUP, SIGTERM, SIGINT};
  router::server server{loop};
  if (const auto failed = server.take(shim::read_small(file))) {
    std::cerr << failed.message << std::endl;
    return 1;
  }
  std::function<void()> listen = [&] {
    signals.async_wait(
      [&](const boost::system::error_code& failed, int number) {
        if (failed || number != SIGHUP)
          return loop.stop();
        if (const auto refused = server.take(shim::read_small(file)))
          std::cerr << refused.message << std::endl;
        listen();
      });
  };
  listen();
  loop.run();
  return 0;
}
