#include "identity/mutual_tls.hpp"

#include "identity/private_file.hpp"

namespace provision {

namespace {

namespace asio = boost::asio;
using tls_context = asio::ssl::context;

/// More than a key or a chain of certificates needs.
constexpr std::size_t key_bytes_max = 64U << 10U;

error unusable(const std::string& file, const std::string& why) {
  return {errc::invalid_configuration, file + ": " + why};
}

error take_key(tls_context& tls, const std::string& file) {
  const auto text = private_file::read(file, key_bytes_max);
  if (!text)
    return unusable(file, text.error().message);
  boost::system::error_code ec;
  const auto shown = text->reveal();
  tls.use_private_key({shown.data(), shown.size()}, tls_context::pem, ec);
  return ec ? unusable(file, "is no key of the certificate: " + ec.message())
            : error{};
}

error take_files(tls_context& tls, const tls_files& files) {
  boost::system::error_code ec;
  tls.use_certificate_chain_file(files.certificate, ec);
  if (ec)
    return unusable(files.certificate, "is no certificate: " + ec.message());
  if (auto failure = take_key(tls, files.key))
    return failure;
  tls.load_verify_file(files.authority, ec);
  return ec ? unusable(files.authority, "is no certificate: " + ec.message())
            : error{};
}

} // namespace

expected<std::shared_ptr<tls_context>> open_mutual_tls(const tls_files& files,
                                                       tls_side side) {
  auto tls = std::make_shared<tls_context>(side == tls_side::client
                                             ? tls_context::tls_client
                                             : tls_context::tls_server);
  SSL_CTX_set_min_proto_version(tls->native_handle(), TLS1_3_VERSION);
  // Each connection proves anew who is there.
  SSL_CTX_set_session_cache_mode(tls->native_handle(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(tls->native_handle(), 0);
  boost::system::error_code ec;
  tls->set_verify_mode(
    asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert, ec);
  if (ec)
    return fail(errc::invalid_configuration, "TLS: " + ec.message());
  if (auto failure = take_files(*tls, files))
    return fail(std::move(failure));
  return tls;
}

} // namespace provision
