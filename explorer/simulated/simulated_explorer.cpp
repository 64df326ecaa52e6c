#include "explorer/simulated/simulated_explorer.hpp"

#include <mutex>

#include "explorer/simulated/explorer_state.hpp"
#include "explorer/simulated/loading.hpp"
#include "explorer/simulated/router.hpp"
#include "identity/http_signature.hpp"
#include "messages/whole_file.hpp"

namespace provision {

namespace {

using namespace simulated;

/// Fills c.caller; the refusal if the route demands a signature.
error identify(const explorer_state& state, caller_kind kind, call& c) {
  if (kind == caller_kind::anyone)
    return {};
  if (!state.options.verify_signatures) {
    // Whoever they say they are.
    c.caller = header_of(c.request, "threebot-id");
    return {};
  }
  auto caller = verify_http_request(
    head_of(c.request),
    [&](std::string_view id) {
      return kind == caller_kind::node ? find_node_key(id)
                                       : find_user_key(state, id);
    },
    from_unix(state.now()));
  if (!caller)
    return caller.error();
  c.caller = *caller;
  return {};
}

/// Acts the fault out on the answer.
void spoil(response& answered, const fault_draw& fault) {
  using kind = fault_draw::kind;
  answered.delay = fault.delay;
  switch (fault.what) {
  case kind::none:
    return;
  case kind::server_error: {
    auto delay = answered.delay;
    answered = refuse(503, "simulated fault");
    answered.delay = delay;
    return;
  }
  case kind::reset:
    answered.fault = http_fault::reset;
    return;
  case kind::close:
    answered.fault = http_fault::close;
    return;
  case kind::truncate:
    answered.fault = http_fault::truncate;
    answered.truncate_after = static_cast<std::size_t>(
      fault.arriving * static_cast<double>(answered.body.size()));
    return;
  }
}

/// As every HTTP server, by the explorer's own clock, however wrong.
void date(response& answered, std::int64_t now) {
  if (auto text = format_http_date(from_unix(now)))
    answered.headers.emplace_back("Date", std::move(*text));
}

} // namespace

struct simulated_explorer::parts {
  std::mutex mutex = {};
  explorer_state state = {};
  std::unique_ptr<journal> log = {};

  /// Makes the changes of this request durable.
  error commit() {
    if (!log)
      return {};
    auto changes = std::move(state.changes);
    state.changes.clear();
    return log->append(changes);
  }

  response serve(call& c) {
    response answered;
    const auto* found = find_route(c, answered);
    if (!found)
      return answered;
    if (found->serves == side::node)
      c.fault = draw(state.faults, ++state.requests);
    if (c.fault.takes_effect) {
      auto refusal = identify(state, found->caller, c);
      answered
        = refusal ? refuse_caller(refusal.message) : found->handler(state, c);
    }
    spoil(answered, c.fault);
    return answered;
  }
};

simulated_explorer::simulated_explorer(std::unique_ptr<parts> made)
  : parts_{std::move(made)} {
}

simulated_explorer::~simulated_explorer() = default;

expected<std::unique_ptr<simulated_explorer>>
simulated_explorer::open(simulated_explorer_options options) {
  auto made = std::make_unique<parts>();
  if (!options.folder.empty()) {
    auto log
      = journal::open(options.folder, options.durability, made->state.all);
    if (!log)
      return fail(log.error());
    made->log = std::move(*log);
  }
  made->state.faults = options.faults;
  made->state.options = std::move(options);
  return std::unique_ptr<simulated_explorer>{
    new simulated_explorer{std::move(made)}};
}

http_server_response
simulated_explorer::handle(const http_server_request& request) {
  auto c = read_call(request);
  std::lock_guard lock{parts_->mutex};
  expire_pools(parts_->state);
  auto answered = parts_->serve(c);
  if (auto failure = parts_->commit())
    answered = refuse(500, failure.message);
  date(answered, parts_->state.now());
  return answered;
}

expected<std::size_t> simulated_explorer::load(std::string_view text,
                                               load_checks checks) {
  std::lock_guard lock{parts_->mutex};
  auto count = load_documents(parts_->state, text, checks);
  if (auto failure = parts_->commit())
    return fail(failure);
  return count;
}

expected<std::size_t> simulated_explorer::load_path(const std::string& path,
                                                    load_checks checks) {
  auto files = files_of(path);
  if (!files)
    return fail(files.error());
  std::size_t sum = 0;
  for (const auto& each : *files) {
    auto text = whole_file(each);
    if (!text)
      return fail(text.error());
    auto count = load(*text, checks);
    if (!count)
      return fail(count.error().code, each + ": " + count.error().message);
    sum += *count;
  }
  return sum;
}

bool simulated_explorer::empty() const {
  std::lock_guard lock{parts_->mutex};
  const auto& all = parts_->state.all;
  return all.last_workload_id == 0 && all.users.all().empty();
}

void simulated_explorer::set_faults(const fault_plan& plan) {
  std::lock_guard lock{parts_->mutex};
  parts_->state.faults = plan;
  parts_->state.requests = 0;
}

} // namespace provision
