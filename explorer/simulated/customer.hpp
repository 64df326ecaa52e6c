#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "explorer/http_transport.hpp"
#include "explorer/simulated/user.hpp"
#include "identity/node_key.hpp"
#include "messages/documents/document.hpp"
#include "messages/error.hpp"
#include "messages/timestamp.hpp"

namespace provision::simulated {

/// A line of what an explorer holds.
struct listed_workload {
  std::string id = {};
  std::string type = {};
  std::string next_action = {};
  /// Empty: no result yet.
  std::string result = {};
  std::string message = {};
  std::string node_signature = {};
};

/// A user who talks to an explorer. Every call waits for its answer. Errors
/// are the transport's, or errc::explorer_refused and explorer_failed with the
/// explorer's own text and the status in error::detail.
class customer {
public:
  customer(std::shared_ptr<http_transport> transport, node_key key,
           std::shared_ptr<const wall_clock> clock);

  /// Enters the name into the phonebook with the key of this user.
  expected<user> enter(const std::string& name, const std::string& email);

  /// The phonebook's entry with the key of this user; errc::unknown_user.
  expected<user> find_self();

  /// Signs the document and posts it: fills customer and epoch, takes a pool of
  /// this user's, and asks for deletion by this user alone unless this user is
  /// among those who may. The id of the reservation.
  expected<std::int64_t> submit(documents::workload w);

  /// Signs for the deletion of a workload.
  error remove(std::int64_t id);

private:
  expected<http_response> exchange(http_request request);
  expected<http_response> signed_exchange(http_request request);
  expected<std::int64_t> own_tid();
  /// The pool that the document names if it may be used, else another one of
  /// this user, else a new one.
  expected<std::int64_t> pool_for(const documents::workload& w);
  expected<std::int64_t> create_pool(const std::string& node_id);

  std::shared_ptr<http_transport> transport_;
  node_key key_;
  std::shared_ptr<const wall_clock> clock_;
  std::int64_t tid_ = 0;
};

/// Sends `request` and waits. An answer of 300 and up is an error.
expected<http_response> exchange(http_transport& transport,
                                 http_request request);

/// What a simulated explorer holds; of an original one, what its list says,
/// without the signatures.
expected<std::vector<listed_workload>>
list_workloads(http_transport& transport);

/// The lines as a table for people.
std::string table_of(const std::vector<listed_workload>& lines);

/// The lines as a JSON array.
std::string json_of(const std::vector<listed_workload>& lines);

} // namespace provision::simulated
