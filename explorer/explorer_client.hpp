#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "explorer/http_transport.hpp"
#include "identity/http_signature.hpp"
#include "identity/key_directory.hpp"
#include "identity/signer.hpp"
#include "messages/capacity.hpp"
#include "messages/error.hpp"
#include "messages/received_text.hpp"
#include "messages/timestamp.hpp"

namespace provision {

/// One answer of the poll.
struct poll_page {
  /// The documents as received, in the explorer's order.
  std::vector<received_text> documents = {};
  /// x-last-id; 0 if the header was missing.
  std::uint64_t last_id = 0;
};

/// The original's ReservationPoller: asks the explorer for reservations.
/// Thread-safe, asynchronous: `done` is called exactly once, on any thread.
class reservation_poller {
public:
  virtual ~reservation_poller() = default;

  /// Reservations with id >= `from` for this node. errc::end_of_stream
  /// (err_poll_eos) if there will never be more; the page may still hold
  /// documents then, so it is delivered beside the error.
  virtual void poll(const std::string& node_id, std::uint64_t from,
                    std::function<void(poll_page page, error failure)> done)
    = 0;
};

/// The original's Feedbacker: reports to the explorer. Thread-safe,
/// asynchronous: `done` is called exactly once, on any thread, with no error
/// once the explorer has accepted.
class feedbacker {
public:
  using callback = std::function<void(error)>;

  virtual ~feedbacker() = default;

  /// Sends a result; `body` is the explorer's JSON for it, sent as it is.
  virtual void feedback(const std::string& node_id, const std::string& id,
                        const std::string& body, callback done)
    = 0;

  /// Tells that the workload of reservation `id` is gone.
  virtual void deleted(const std::string& node_id, const std::string& id,
                       callback done)
    = 0;

  /// Tells how much of the node is in use.
  virtual void update_stats(const std::string& node_id,
                            const workload_amount& counts,
                            const resource_amount& units, callback done)
    = 0;
};

/// The explorer as a node sees it, over any transport: paths, signatures,
/// expected codes and error texts of the wire protocol. Errors:
/// explorer_unreachable, explorer_failed (5xx) and explorer_refused (other
/// unexpected codes), with the status in error::detail.
class explorer_client final : public reservation_poller,
                              public feedbacker,
                              public key_directory {
public:
  /// `url` is the configured base: a path that does not end in /api/v1 is
  /// replaced by it, as the original does. Requests other than the poll are
  /// signed with `node` as the identity `node_id`.
  explorer_client(std::shared_ptr<http_transport> transport, std::string url,
                  std::string node_id, std::shared_ptr<const signer> node,
                  std::shared_ptr<const wall_clock> clock);

  void poll(const std::string& node_id, std::uint64_t from,
            std::function<void(poll_page, error)> done) override;
  void feedback(const std::string& node_id, const std::string& id,
                const std::string& body, callback done) override;
  void deleted(const std::string& node_id, const std::string& id,
               callback done) override;
  void update_stats(const std::string& node_id, const workload_amount& counts,
                    const resource_amount& units, callback done) override;
  void find_user_key(std::int64_t tid,
                     std::function<void(expected<std::string>)> done) override;

  /// N2: the document of one workload; errc::no_such_reservation on 404.
  void find_workload(const std::string& id,
                     std::function<void(expected<received_text>)> done);

private:
  /// Checks the status against `expected_code` and turns anything else into
  /// an error with the explorer's own text.
  void exchange(http_request request, int expected_code, bool is_signed,
                std::function<void(expected<http_response>)> done);

  /// Headers that sign a request made now. They cover the node's id and the
  /// second, so all requests of one second share them.
  expected<http_headers> signed_headers();

  std::shared_ptr<http_transport> transport_;
  std::string base_path_;
  std::string node_id_;
  std::shared_ptr<const signer> node_;
  std::shared_ptr<const wall_clock> clock_;
  std::mutex mutex_ = {};
  std::int64_t signed_second_ = 0;
  http_headers signed_headers_ = {};
};

/// The path part of the API for a configured URL: "/api/v1" unless the URL's
/// path already ends with it.
std::string api_base_path(std::string_view url);

} // namespace provision
