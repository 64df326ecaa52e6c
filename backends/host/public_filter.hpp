#pragma once

#include <optional>
#include <string>
#include <vector>

#include "messages/workloads/address.hpp"

namespace provision {

/// A machine's port on the public bridge.
struct guarded_port {
  /// Name of the interface.
  std::string name = {};
  /// IPv4; the only one that may come out of it. The card's hardware address
  /// and its IPv6 addresses follow from it. None: nothing may.
  workloads::ip_address address = {};
};

/// What comes out of guarded ports: a table of its own in which each port has
/// a chain. Frames of the wrong sender, of other protocols than IP and ARP, and
/// what only routers and DHCP servers say are dropped where they enter the
/// bridge; other ports are not touched.
class public_filter {
public:
  /// `table`: its name. `network`: whose first 64 bits are those of the
  /// machines' IPv6 addresses; none: any.
  public_filter(std::string table, std::vector<guarded_port> ports,
                std::optional<workloads::ip_address> network);

  /// What `nft -f` reads: replaces the table in one transaction and touches no
  /// other. Without ports there is no table.
  std::string transaction() const;

  /// Whether `ruleset`, as nft lists it, has the table as it should be.
  bool is_loaded(const std::string& ruleset) const;

private:
  std::string mark() const;
  std::string opening() const { return "table bridge " + table_ + " {"; }

  std::string table_;
  std::string chains_;
};

} // namespace provision
