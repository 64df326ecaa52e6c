#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backends/host/folder.hpp"
#include "messages/error.hpp"
#include "messages/workloads/address.hpp"

namespace provision {

/// What a public address is meant to be: written before anything is done to
/// the host.
struct public_record {
  workloads::ip_range address = {};
  /// The machine that has it; empty: none has.
  std::string machine = {};

  bool operator==(const public_record&) const = default;
};

/// As lines of text (shim/lines.hpp).
std::string write_record(const public_record& record);
/// errc::storage_corrupt for anything that write_record() did not make.
expected<public_record> read_public_record(std::string_view text);

/// The records of one node, a file each: "<id>.address".
class public_records {
public:
  /// In this folder, which is made if it is missing.
  static expected<public_records> open(const std::string& path);

  /// None if there is none; an error if it cannot be told.
  expected<std::optional<public_record>> find(const std::string& id) const;
  /// Durable when it returns; there is the old one or the new one.
  error keep(const std::string& id, const public_record& record) const;
  error forget(const std::string& id) const;
  /// Ids, sorted.
  expected<std::vector<std::string>> ids() const;

private:
  explicit public_records(folder place) : place_{std::move(place)} {}

  folder place_;
};

} // namespace provision
