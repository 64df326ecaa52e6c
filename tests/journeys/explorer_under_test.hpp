#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "explorer/simulated/simulated_explorer.hpp"
#include "http/http_server.hpp"
#include "identity/node_key.hpp"
#include "messages/documents/document.hpp"

namespace provision::journeys {

/// What the node told the explorer.
struct told {
  /// "result" or "deleted".
  std::string kind = {};
  std::string id = {};
  std::string body = {};
  /// Status of the answer; 0 if none was given.
  int status = 0;
};

/// The simulated explorer behind a real HTTP server, its user 7 with a pool,
/// and a record of everything that the node reported.
class explorer_under_test {
public:
  explicit explorer_under_test(std::string node_id);

  std::string url() const;
  const std::string& node_id() const noexcept { return node_id_; }

  /// Stops listening; everything is kept.
  void go_down();
  void come_back();

  /// Loses workloads and results, as a restore from an old backup would.
  void forget();

  void set_faults(const simulated::fault_plan& plan);

  /// A valid document for the node that user 7 has signed.
  documents::workload volume(std::int64_t gib = 1) const;
  documents::workload golden(const std::string& name) const;

  /// Has user 7 sign the document and deploys it; the workload's id.
  std::int64_t create(documents::workload w);
  /// Has user 7 agree to the deletion.
  void cancel(std::int64_t id);
  /// Puts signed documents with ids of their own beside the user's door.
  void load(std::vector<documents::workload> all);

  documents::workload find(std::int64_t id) const;

  std::vector<told> reports() const;
  /// "result 100-1", "deleted 100-1", ... as the explorer accepted them.
  std::vector<std::string> accepted() const;
  /// The distinct bodies of one workload's results, sent with or without luck.
  std::set<std::string> bodies(const std::string& id) const;
  std::size_t polls() const;

  /// Called with each request before it is served; an answer is final.
  std::function<std::optional<http_server_response>(const http_server_request&)>
    before = {};
  /// May change the answer to a request.
  std::function<void(const http_server_request&, http_server_response&)> after
    = {};

private:
  void open();
  void listen(std::uint16_t port);
  http_server_response serve(const http_server_request& request);
  void note(const http_server_request& request,
            const http_server_response& answered);
  http_server_response ask(std::string method, std::string target,
                           std::string body = {}) const;
  void sign(documents::workload& w) const;

  std::string node_id_;
  node_key user_;
  mutable std::mutex mutex_ = {};
  std::vector<told> reports_ = {};
  std::size_t polls_ = 0;
  std::shared_ptr<simulated_explorer> explorer_ = {};
  std::uint16_t port_ = 0;
  std::unique_ptr<http_server> server_ = {};
};

/// "7-1" for workload 7.
std::string gwid(std::int64_t id);

} // namespace provision::journeys
