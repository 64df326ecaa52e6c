#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "explorer/http_transport.hpp"
#include "identity/http_signature.hpp"
#include "messages/error.hpp"

namespace provision::bench {

/// One report as it goes over the wire.
struct put_request {
  std::string id = {};
  std::string body = {};
};

/// Sends reports over the node's transport: the wire alone, with headers that
/// were signed once.
class put_load {
public:
  /// To the explorer at `url`, as the node that is measured. `together`:
  /// several go over a connection at a time, as the node does it; else each is
  /// a round trip of its own.
  static expected<std::unique_ptr<put_load>>
  open(const std::string& url, const std::string& node_id, bool together);

  /// Sends all of `batch`, `in_flight` at a time: the next one whenever one was
  /// answered. Then calls `then` on the transport's thread, with the first
  /// answer other than 201 if there was one. Not before the last batch has
  /// ended.
  void send(std::vector<put_request> batch, std::size_t in_flight,
            std::function<void(error)> then);

private:
  put_load(std::shared_ptr<http_transport> transport, std::string path,
           http_headers headers);

  struct way;

  void send_next(const std::shared_ptr<way>& batch);
  void answered(const std::shared_ptr<way>& batch,
                const expected<http_response>& got);

  std::shared_ptr<http_transport> transport_;
  std::string path_;
  http_headers headers_;
};

} // namespace provision::bench
