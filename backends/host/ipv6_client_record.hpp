#pragma once

#include <map>
#include <string>
#include <string_view>

#include "backends/host/folder.hpp"
#include "messages/error.hpp"
#include "messages/workloads/address.hpp"

namespace provision {

/// What a client is meant to have: written before anything is done to the host.
struct ipv6_client_record {
  /// Base64 in its one spelling.
  std::string public_key = {};
  workloads::ip_address address = {};

  bool operator==(const ipv6_client_record&) const = default;
};

/// As lines of text (shim/lines.hpp).
std::string write_record(const ipv6_client_record& record);
/// errc::storage_corrupt for anything that write_record() did not make.
expected<ipv6_client_record> read_ipv6_client_record(std::string_view text);

/// By id of the reservation.
using ipv6_clients = std::map<std::string, ipv6_client_record, std::less<>>;

/// The records of one node, a file each: "<id>.client".
class ipv6_client_records {
public:
  /// In this folder, which is made if it is missing.
  static expected<ipv6_client_records> open(const std::string& path);

  /// All of them; an error if one cannot be read: its address must not be given
  /// to another.
  expected<ipv6_clients> all() const;
  /// Durable when it returns; there is the old one or the new one.
  error keep(const std::string& id, const ipv6_client_record& record) const;
  error forget(const std::string& id) const;

  /// Path of another file of the node's in the same folder.
  std::string path(const std::string& name) const { return place_.path(name); }

private:
  explicit ipv6_client_records(folder place) : place_{std::move(place)} {}

  folder place_;
};

} // namespace provision
