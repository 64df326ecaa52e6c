#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backends/host/folder.hpp"
#include "backends/network_backend.hpp"

namespace provision {

/// What a network is meant to be: written before anything is done to the host,
/// so that a network that a reboot or a crash took can be made again. The key
/// stays sealed for the node, as the reservation has it.
struct network_record {
  std::string user_id = {};
  /// Reservations that want it; none: it is being removed.
  std::vector<std::string> holders = {};
  std::vector<network_member> members = {};
  workloads::network_resource resource = {};

  bool operator==(const network_record&) const;
};

/// As lines of text; the last is "end", so that half a record is none.
std::string write_record(const network_record& record);
/// errc::storage_corrupt for anything that write_record() did not make.
expected<network_record> read_record(std::string_view text);

/// The records of one node, a file of mode 0600 each, named like its network.
class network_records {
public:
  /// In this folder, which is made if it is missing.
  static expected<network_records> open(const std::string& path);

  /// None if there is none; an error if it cannot be told.
  expected<std::optional<network_record>> find(const std::string& id) const;
  /// Durable when it returns; there is the old one or the new one.
  error keep(const std::string& id, const network_record& record) const;
  error forget(const std::string& id) const;
  /// Ids, sorted.
  expected<std::vector<std::string>> ids() const;

private:
  explicit network_records(folder place) : place_{std::move(place)} {}

  folder place_;
};

} // namespace provision
