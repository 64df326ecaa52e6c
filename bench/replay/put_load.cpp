#include "bench/replay/put_load.hpp"

#include <mutex>
#include <utility>

#include "bench/replay/generator.hpp"
#include "bench/replay/stream_journal.hpp"
#include "explorer/explorer_client.hpp"
#include "explorer/http/beast_transport.hpp"

namespace provision::bench {

/// One batch on its way.
struct put_load::way {
  std::vector<put_request> requests = {};
  std::function<void(error)> then = {};
  std::mutex mutex = {};
  std::size_t sent = 0;
  std::size_t answered = 0;
  error failure = {};
};

put_load::put_load(std::shared_ptr<http_transport> transport, std::string path,
                   http_headers headers)
  : transport_{std::move(transport)}, path_{std::move(path)}, headers_{
                                                                std::move(
                                                                  headers)} {
}

expected<std::unique_ptr<put_load>> put_load::open(const std::string& url,
                                                   const std::string& node_id,
                                                   bool together) {
  http_transport_options options{.url = url};
  if (!together)
    options.quick_answer = {};
  auto transport = make_http_transport(std::move(options));
  if (!transport)
    return fail(transport.error());
  auto headers = sign_http_request(node_id, ed25519_signer{measured_node()},
                                   system_clock{}.now());
  if (!headers)
    return fail(headers.error());
  return std::unique_ptr<put_load>{new put_load{
    *transport,
    api_base_path(url) + "/reservations/nodes/" + node_id + "/workloads/",
    std::move(*headers)}};
}

void put_load::send(std::vector<put_request> batch, std::size_t in_flight,
                    std::function<void(error)> then) {
  if (batch.empty())
    return then({});
  auto all = std::make_shared<way>();
  all->requests = std::move(batch);
  all->then = std::move(then);
  for (std::size_t i = 0; i < in_flight; ++i)
    send_next(all);
}

void put_load::send_next(const std::shared_ptr<way>& batch) {
  std::size_t which = 0;
  {
    std::lock_guard lock{batch->mutex};
    if (batch->sent == batch->requests.size())
      return;
    which = batch->sent++;
  }
  auto& request = batch->requests[which];
  transport_->send({.method = "PUT",
                    .target = path_ + request.id,
                    .headers = headers_,
                    .body = std::move(request.body)},
                   [this, batch](const expected<http_response>& got) {
                     answered(batch, got);
                   });
}

void put_load::answered(const std::shared_ptr<way>& batch,
                        const expected<http_response>& got) {
  constexpr int created = 201;
  bool was_last = false;
  {
    std::lock_guard lock{batch->mutex};
    was_last = ++batch->answered == batch->requests.size();
    if (!got)
      batch->failure = got.error();
    else if (got->status != created)
      batch->failure = {errc::explorer_refused, got->body, got->status};
  }
  if (was_last)
    batch->then(batch->failure);
  else
    send_next(batch);
}

} // namespace provision::bench
