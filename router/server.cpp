#include "router/server.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/write.hpp>

namespace provision::router {

namespace {

using boost::system::error_code;

/// More than any node has users; the rest has to come again.
constexpr std::size_t clients_max = 1024;
constexpr std::chrono::milliseconds pause{100};
/// Whoever passes visitors on is not root.
constexpr mode_t open_to_all = 0666;

error cannot(const std::string& what, const error_code& why) {
  return {errc::host_unavailable, "cannot " + what + ": " + why.message()};
}

} // namespace

server::server(boost::asio::io_context& loop,
               std::chrono::milliseconds greeting_patience)
  : loop_{loop}, patience_{greeting_patience} {
}

server::~server() {
  stop();
}

error server::take(const std::string& setup_text) {
  auto wanted = read_setup(setup_text);
  if (!wanted)
    return wanted.error();
  std::shared_ptr<tcp::acceptor> port = port_;
  if (!port || wanted->host != now_.host || wanted->port != now_.port) {
    auto opened = open_port(*wanted);
    if (!opened)
      return opened.error();
    port = std::move(*opened);
  }
  std::map<std::string, std::shared_ptr<door>> doors;
  for (const auto& one : wanted->tunnels) {
    auto& place = doors[one.door];
    if (const auto there = doors_.find(one.door); there != doors_.end()) {
      place = there->second;
    } else {
      auto opened = open_door(one.door, one.digest);
      if (!opened)
        return opened.error();
      place = std::move(*opened);
    }
  }
  if (!status_) {
    auto opened = open_door(wanted->status, {});
    if (!opened)
      return opened.error();
    status_ = std::move(*opened);
    welcome_visitors(status_);
  }
  // From here on nothing fails.
  for (const auto& [path, one] : doors_)
    if (!doors.contains(path)) {
      error_code ignored;
      one->opened.close(ignored);
      ::unlink(path.c_str());
    }
  for (const auto& one : wanted->tunnels)
    doors.at(one.door)->digest = one.digest;
  for (const auto& [path, one] : doors)
    if (!doors_.contains(path))
      welcome_visitors(one);
  doors_ = std::move(doors);
  if (port != port_) {
    error_code ignored;
    if (port_)
      port_->close(ignored);
    port_ = port;
    welcome_clients(port_);
  }
  now_ = std::move(*wanted);
  generation_ = generation_of(setup_text);
  std::vector<std::shared_ptr<session>> unwanted;
  for (const auto& [digest, one] : admitted_)
    if (!is_wanted(digest))
      unwanted.push_back(one);
  for (const auto& one : unwanted)
    one->close();
  return {};
}

void server::stop() {
  error_code ignored;
  if (port_)
    port_->close(ignored);
  for (const auto& [path, one] : std::exchange(doors_, {})) {
    one->opened.close(ignored);
    ::unlink(path.c_str());
  }
  if (status_) {
    status_->opened.close(ignored);
    ::unlink(status_->path.c_str());
  }
  for (const auto& one : std::vector(clients_.begin(), clients_.end()))
    one->close();
}

expected<std::unique_ptr<server::tcp::acceptor>>
server::open_port(const setup& wanted) {
  error_code failed;
  const auto address = boost::asio::ip::make_address(wanted.host, failed);
  auto made = std::make_unique<tcp::acceptor>(loop_);
  const tcp::endpoint at{address, wanted.port};
  if (!failed)
    made->open(at.protocol(), failed);
  if (!failed)
    made->set_option(tcp::acceptor::reuse_address{true}, failed);
  if (!failed)
    made->bind(at, failed);
  if (!failed)
    made->listen(tcp::acceptor::max_listen_connections, failed);
  if (failed)
    return fail(cannot("listen at " + wanted.host + " port "
                         + std::to_string(wanted.port),
                       failed));
  return made;
}

expected<std::shared_ptr<server::door>>
server::open_door(const std::string& path, const std::string& digest) {
  error_code failed;
  auto made = std::make_shared<door>(
    door{.path = path, .digest = digest, .opened = local::acceptor{loop_}});
  // Of a router that was killed.
  if (::unlink(path.c_str()) != 0 && errno != ENOENT)
    failed.assign(errno, boost::system::system_category());
  if (!failed)
    made->opened.open({}, failed);
  if (!failed && path.size() >= sizeof(sockaddr_un::sun_path))
    failed.assign(ENAMETOOLONG, boost::system::system_category());
  if (!failed)
    made->opened.bind(local::endpoint{path}, failed);
  if (!failed && ::chmod(path.c_str(), open_to_all) != 0)
    failed.assign(errno, boost::system::system_category());
  if (!failed)
    made->opened.listen(local::acceptor::max_listen_connections, failed);
  if (failed)
    return fail(cannot("open " + path, failed));
  return made;
}

void server::welcome_clients(const std::shared_ptr<tcp::acceptor>& at) {
  at->async_accept([this, at](const error_code& failed, tcp::socket client) {
    if (!at->is_open())
      return;
    if (!failed)
      dialled(std::move(client));
    again(failed, [this, at] { welcome_clients(at); });
  });
}

void server::welcome_visitors(const std::shared_ptr<door>& at) {
  at->opened.async_accept(
    [this, at](const error_code& failed, visitor_socket visitor) {
      if (!at->opened.is_open())
        return;
      if (!failed)
        visited(*at, std::move(visitor));
      again(failed, [this, at] { welcome_visitors(at); });
    });
}

/// At once, unless it failed: then for lack of descriptors, and somebody has to
/// go first.
void server::again(const error_code& failed, std::function<void()> what) {
  if (!failed)
    return what();
  auto timer = std::make_shared<boost::asio::steady_timer>(loop_, pause);
  timer->async_wait([timer, what = std::move(what)](const error_code& stopped) {
    if (!stopped)
      what();
  });
}

/// Without a client the visitor is hung up on.
void server::visited(const door& at, visitor_socket visitor) {
  if (at.path == now_.status) {
    error_code ignored;
    visitor.non_blocking(true, ignored);
    visitor.write_some(boost::asio::buffer(generation_), ignored);
    return;
  }
  if (const auto found = admitted_.find(at.digest); found != admitted_.end())
    found->second->carry(std::move(visitor));
}

void server::dialled(tcp::socket client) {
  if (clients_.size() >= clients_max)
    return;
  auto made = std::make_shared<session>(
    std::move(client),
    session::duties{
      .admit = [this](session& by,
                      const std::string& secret) { return admit(by, secret); },
      .ended = [this](session& by) { forget(by); }});
  clients_.insert(made);
  made->start(patience_);
}

bool server::admit(session& by, const std::string& secret) {
  const auto digest = digest_of(secret);
  if (!is_wanted(digest))
    return false;
  const auto old = std::exchange(admitted_[digest], by.shared_from_this());
  if (old)
    old->close();
  return true;
}

void server::forget(session& by) {
  std::erase_if(admitted_,
                [&](const auto& one) { return one.second.get() == &by; });
  clients_.erase(by.shared_from_this());
}

bool server::is_wanted(const std::string& digest) const {
  return std::ranges::any_of(
    now_.tunnels, [&](const tunnel& one) { return one.digest == digest; });
}

} // namespace provision::router
