#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// The gateway types: accepted on the wire, offered by no node of the original.
namespace provision::documents {

struct proxy {
  std::string domain = {};
  std::string addr = {};
  std::uint32_t port = 0;
  std::uint32_t port_tls = 0;

  bool operator==(const proxy&) const = default;
};

struct reverse_proxy {
  std::string domain = {};
  std::string secret = {};

  bool operator==(const reverse_proxy&) const = default;
};

struct subdomain {
  std::string domain = {};
  std::optional<std::vector<std::string>> ips = {};

  bool operator==(const subdomain&) const = default;
};

struct domain_delegate {
  std::string domain = {};

  bool operator==(const domain_delegate&) const = default;
};

struct gateway4to6 {
  std::string public_key = {};

  bool operator==(const gateway4to6&) const = default;
};

} // namespace provision::documents
