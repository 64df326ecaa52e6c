#pragma once

#include <memory>
#include <string>

#include <boost/asio/ssl/context.hpp>

#include "messages/error.hpp"

namespace provision {

/// What two programs show one another, and by whose word they believe it. PEM
/// files.
struct tls_files {
  /// The own certificate, with what leads from it to the authority.
  std::string certificate = {};
  /// Its key; nobody but its owner may read the file.
  std::string key = {};
  /// Certificate of the authority that both sides believe, and no other.
  std::string authority = {};
};

enum class tls_side { client, server };

/// For connections that speak TLS 1.3 and end unless the other side shows a
/// certificate of the authority. Whose certificate it is, is demanded for each
/// (demand_certificate_of). errc::invalid_configuration names the file.
expected<std::shared_ptr<boost::asio::ssl::context>>
open_mutual_tls(const tls_files& files, tls_side side);

} // namespace provision
