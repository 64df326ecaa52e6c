#include "daemon/debug.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "actors/provisioners/debug.hpp"
#include "backends/host/redis_debug_backend.hpp"
#include "logging/log.hpp"
#include "logging/tee.hpp"
#include "messages/json/json.hpp"

namespace provision {

namespace {

constexpr std::size_t page = 256;

void say_change(const debug_order& order, const error& failed) {
  const auto where = workloads::to_string(order.host);
  if (failed)
    log::warn("the log cannot be forwarded: " + failed.message, order.id);
  else
    log::info("the log is forwarded", order.id,
              {{"host", where}, {"channel", order.channel}});
}

/// The log's way into the back-end, which ends before it does. Nobody listens
/// before somebody wants to.
struct heard_log {
  heard_log() = default;
  ~heard_log() { log::tee({}); }
  heard_log(const heard_log&) = delete;
  heard_log& operator=(const heard_log&) = delete;

  void listen() {
    std::call_once(begun, [this] {
      log::tee([this](std::string_view line) { backend.offer(line); });
    });
  }

  redis_debug_backend backend{say_change};
  std::once_flag begun = {};
};

workload_functions heard_functions(const std::string& node_id) {
  auto heard = std::make_shared<heard_log>();
  auto functions = debug_functions({heard, &heard->backend}, node_id);
  functions.provision =
    [heard, provision = std::move(functions.provision)](const reservation& r) {
      heard->listen();
      return provision(r);
    };
  return functions;
}

void take_up(const workload_functions& functions, const record& row) {
  auto what = json::read_reservation(row.received.text);
  if (what)
    json::decode_workload(*what);
  const auto done = what ? functions.provision(*what)
                         : expected<std::string>{fail(what.error())};
  // Its owner was told already that it runs; the log is for the operator.
  if (!done)
    log::error("a debug could not be taken up: " + done.error().message,
               row.id);
}

error take_up_all(reservation_store& store,
                  const workload_functions& functions) {
  for (std::string after;;) {
    const auto rows = store.list("", after, page);
    if (!rows)
      return rows.error();
    if (rows->empty())
      return {};
    after = rows->back().id;
    for (const auto& row : *rows) {
      if (row.type != reservation_types::debug
          || row.state != record_state::provisioned)
        continue;
      const auto whole = store.find(row.id);
      if (!whole)
        return whole.error();
      if (*whole)
        take_up(functions, **whole);
    }
  }
}

} // namespace

error add_debug(engine_options& options) {
  auto functions = heard_functions(options.node_id);
  if (auto failed = take_up_all(*options.cache, functions))
    return failed;
  options.provisioners[reservation_types::debug] = std::move(functions);
  return {};
}

} // namespace provision
