#include "bench/replay/put_load.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>

#include "bench/replay/cpu_time.hpp"
#include "bench/replay/generator.hpp"
#include "bench/replay/stream_journal.hpp"
#include "explorer/explorer_client.hpp"
#include "explorer/http/beast_transport.hpp"
#include "identity/http_signature.hpp"

namespace provision::bench {

namespace {

/// Sends the next request whenever one has been answered.
class put_load {
public:
  put_load(std::shared_ptr<http_transport> transport, std::string path,
           http_headers headers, const std::vector<put_request>& requests)
    : transport_{std::move(transport)}, path_{std::move(path)},
      headers_{std::move(headers)}, requests_{requests} {}

  /// The first answer other than 201, if there was one.
  error run(std::size_t in_flight) {
    for (std::size_t i = 0; i < in_flight; ++i)
      send_next();
    std::unique_lock lock{mutex_};
    ended_.wait(lock, [this] { return answered_ == requests_.size(); });
    return failure_;
  }

private:
  void send_next() {
    std::size_t which = 0;
    {
      std::lock_guard lock{mutex_};
      if (sent_ == requests_.size())
        return;
      which = sent_++;
    }
    transport_->send(
      {.method = "PUT",
       .target = path_ + requests_[which].id,
       .headers = headers_,
       .body = requests_[which].body},
      [this](expected<http_response> got) { answered(std::move(got)); });
  }

  void answered(expected<http_response> got) {
    constexpr int created = 201;
    {
      std::lock_guard lock{mutex_};
      ++answered_;
      if (!got)
        failure_ = got.error();
      else if (got->status != created)
        failure_ = {errc::explorer_refused, got->body, got->status};
      if (answered_ == requests_.size())
        return ended_.notify_all();
    }
    send_next();
  }

  std::shared_ptr<http_transport> transport_;
  std::string path_;
  http_headers headers_;
  const std::vector<put_request>& requests_;
  std::mutex mutex_ = {};
  std::condition_variable ended_ = {};
  std::size_t sent_ = 0;
  std::size_t answered_ = 0;
  error failure_ = {};
};

} // namespace

expected<stage_cost> measure_puts(const std::string& url,
                                  const std::string& node_id,
                                  const std::vector<put_request>& requests,
                                  std::size_t in_flight) {
  auto transport = make_http_transport({.url = url});
  if (!transport)
    return fail(transport.error());
  auto headers = sign_http_request(node_id, ed25519_signer{measured_node()},
                                   system_clock{}.now());
  if (!headers)
    return fail(headers.error());
  put_load load{*transport,
                api_base_path(url) + "/reservations/nodes/" + node_id
                  + "/workloads/",
                std::move(*headers), requests};
  auto cpu = own_cpu_seconds();
  auto begin = now_ns();
  auto failure = load.run(in_flight);
  auto wall = static_cast<double>(now_ns() - begin) / 1e3;
  cpu = own_cpu_seconds() - cpu;
  if (failure)
    return fail(std::move(failure));
  auto count = static_cast<double>(requests.size());
  return stage_cost{cpu * 1e6 / count, wall / count};
}

} // namespace provision::bench
