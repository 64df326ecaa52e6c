#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "explorer/simulated/fault_plan.hpp"
#include "explorer/simulated/journal.hpp"
#include "http/http_server.hpp"
#include "messages/documents/document.hpp"
#include "messages/error.hpp"
#include "messages/timestamp.hpp"

namespace provision {

struct simulated_explorer_options {
  /// Where everything is kept; empty: in memory only.
  std::string folder = {};
  simulated::durability durability = simulated::durability::process;
  /// Must not be null.
  std::shared_ptr<const wall_clock> clock = {};
  /// Checks the signatures of requests, customers and pools, as the original.
  bool verify_signatures = true;
  /// Keeps the epoch that the customer signed. The original replaces it, so
  /// its documents do not verify at the node.
  bool keep_epoch = false;
  /// The original's way also where it hurts: fails for workloads whose pool,
  /// node or farm is missing, and takes no signatures of its Go client's kind.
  bool strict = false;
  simulated::fault_plan faults = {};
};

/// Whether documents that are loaded must pass what U1 demands.
enum class load_checks { none, customer };

/// An explorer that nodes and users cannot tell from the original: same
/// paths, checks in the same order, same codes and texts. Knows no sockets.
/// Thread-safe; requests are served one at a time.
class simulated_explorer {
public:
  /// errc::storage_failure, storage_locked or storage_corrupt for a folder
  /// that cannot be used.
  static expected<std::unique_ptr<simulated_explorer>>
  open(simulated_explorer_options options);

  simulated_explorer(const simulated_explorer&) = delete;
  simulated_explorer& operator=(const simulated_explorer&) = delete;
  ~simulated_explorer();

  /// Answers one request; the answer says which fault befalls it.
  http_server_response handle(const http_server_request& request);

  /// Takes documents from a text: JSON objects or arrays of them, one after
  /// another, or one per line. An object with "pubkey" is a user, everything
  /// else a workload. Ids above 0 are kept. The number of documents, or what
  /// is wrong with the first bad one; nothing is taken then.
  expected<std::size_t> load(std::string_view text,
                             load_checks checks = load_checks::none);

  /// load() of a file, or of every file in a folder, by name.
  expected<std::size_t> load_path(const std::string& path,
                                  load_checks checks = load_checks::none);

  /// Whether it has never held anything.
  bool empty() const;

  void set_faults(const simulated::fault_plan& plan);

private:
  struct parts;
  explicit simulated_explorer(std::unique_ptr<parts> made);
  std::unique_ptr<parts> parts_;
};

} // namespace provision
