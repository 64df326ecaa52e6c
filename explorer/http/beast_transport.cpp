#include "explorer/http/beast_transport.hpp"

#include <thread>

#include "explorer/http/transport_core.hpp"
#include "messages/batch_thread.hpp"

namespace provision {

namespace asio = boost::asio;

namespace {

class beast_transport final : public http_transport {
public:
  explicit beast_transport(std::shared_ptr<transport_core> core)
    : core_{core}, thread_{[core = std::move(core)] {
        become_batch_thread();
        core->run();
      }} {}

  ~beast_transport() override {
    auto ends_at_once = core_->begin_shutdown();
    // A callback may hold the last reference, and no thread can wait for
    // itself.
    if (thread_.get_id() == std::this_thread::get_id() || !ends_at_once.get())
      thread_.detach();
    else
      thread_.join();
  }

  void send(http_request request,
            std::function<void(expected<http_response>)> done) override {
    core_->send(std::move(request), std::move(done));
  }

private:
  std::shared_ptr<transport_core> core_;
  std::thread thread_;
};

expected<std::unique_ptr<asio::ssl::context>>
make_tls_context(const std::string& ca_file) {
  auto tls
    = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_client);
  boost::system::error_code ec;
  SSL_CTX_set_min_proto_version(tls->native_handle(), TLS1_2_VERSION);
  tls->set_verify_mode(asio::ssl::verify_peer, ec);
  if (!ec && ca_file.empty())
    tls->set_default_verify_paths(ec);
  else if (!ec)
    tls->load_verify_file(ca_file, ec);
  if (ec)
    return fail(errc::invalid_configuration,
                "CA file " + ca_file + ": " + ec.message(), ec.value());
  return tls;
}

} // namespace

expected<std::shared_ptr<http_transport>>
make_http_transport(http_transport_options options) {
  auto target = parse_origin(options.url);
  if (!target)
    return fail(std::move(target.error()));
  auto proxy = proxy_for(options.proxy, *target);
  if (!proxy)
    return fail(std::move(proxy.error()));
  http_connection_settings settings;
  settings.style.target = std::move(*target);
  settings.style.proxy = std::move(*proxy);
  settings.style.user_agent = options.user_agent.empty()
                                ? "provisiond/" PROVISION_VERSION
                                : options.user_agent;
  settings.response_bytes_max = options.response_bytes_max;
  settings.idle_timeout = options.idle_timeout;
  if (settings.style.target.is_tls) {
    auto tls = make_tls_context(options.ca_file);
    if (!tls)
      return fail(std::move(tls.error()));
    settings.tls = std::move(*tls);
  }
  return std::make_shared<beast_transport>(std::make_shared<transport_core>(
    std::move(settings), std::max<std::size_t>(options.connections, 1),
    options.quick_answer));
}

} // namespace provision
