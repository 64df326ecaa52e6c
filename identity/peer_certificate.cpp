#include "identity/peer_certificate.hpp"

#include <boost/asio/ip/address.hpp>
#include <openssl/x509v3.h>

namespace provision {

bool demand_certificate_of(SSL* tls, const std::string& name) {
  boost::system::error_code no_address;
  boost::asio::ip::make_address(name, no_address);
  if (!no_address)
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), name.c_str())
           == 1;
  SSL_set_hostflags(tls, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return SSL_set1_host(tls, name.c_str()) == 1
         && SSL_set_tlsext_host_name(tls, name.c_str()) == 1;
}

} // namespace provision
