#pragma once

#include <string>

#include <openssl/ssl.h>

namespace provision {

/// Makes the handshake of `tls` fail unless the other side's certificate bears
/// `name`: a host's name, which a client then also asks for, or a numeric
/// address. False: the name is unusable.
bool demand_certificate_of(SSL* tls, const std::string& name);

} // namespace provision
