#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "backends/gateway_backend.hpp"
#include "backends/host/folder.hpp"

namespace provision {

/// What a reservation has of the gateway: written before anything is done to
/// the host.
struct gateway_record {
  std::string user_id = {};
  gateway_wish what = {};

  bool operator==(const gateway_record&) const = default;
};

/// By id of the reservation.
using gateway_book = std::map<std::string, gateway_record>;

const std::string& domain_of(const gateway_record& record);
reservation_type type_of(const gateway_record& record);

/// As lines of text (shim/lines.hpp).
std::string write_record(const gateway_record& record);
/// errc::storage_corrupt for anything that write_record() did not make: what
/// stands there reaches other programs' configuration.
expected<gateway_record> read_gateway_record(std::string_view text);

/// The records of one node, a file each: "<id>.gateway".
class gateway_records {
public:
  /// In this folder, which is made if it is missing.
  static expected<gateway_records> open(const std::string& path);

  /// All of them. One that cannot be read is an error: whose its domain is
  /// could not be told.
  expected<gateway_book> all() const;
  /// Durable when it returns; there is the old one or the new one.
  error keep(const std::string& id, const gateway_record& record) const;
  /// Absent is a success.
  error forget(const std::string& id) const;

private:
  explicit gateway_records(folder place) : place_{std::move(place)} {}

  folder place_;
};

} // namespace provision
