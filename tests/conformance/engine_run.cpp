#include "tests/conformance/engine_run.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "actors/cache.hpp"
#include "actors/decoder.hpp"
#include "actors/feedback.hpp"
#include "actors/intake.hpp"
#include "actors/signing.hpp"
#include "actors/sources/combined_source.hpp"
#include "actors/sources/expiry_source.hpp"
#include "actors/sources/poll_source.hpp"
#include "messages/json/json.hpp"
#include "persistence/import.hpp"
#include "tests/conformance/engine_model.hpp"

namespace provision::conformance {

namespace {

using provision::testing::give_page;

/// Fails as the script says.
class scripted_signer final : public signer {
public:
  scripted_signer(node_key key, script& answers)
    : key_{std::move(key)}, answers_{answers} {}

  expected<std::string> sign(std::string_view message) const override {
    if (auto* rule = answers_.decide("sign", {}))
      return fail(errc::backend_failure, text(*rule, "error"));
    return key_.sign(message);
  }

private:
  node_key key_;
  script& answers_;
};

bool over_http(const value& step) {
  return text(step, "op") == "start_with_http_explorer"
         || step.value("http", false);
}

} // namespace

// -- the explorer -------------------------------------------------------------

error scripted_feedback::answer(const script::facts& call) {
  auto* rule = answers_.decide("feedback", call);
  if (!rule || text(*rule, "error").empty())
    return {};
  return {errc::explorer_unreachable, text(*rule, "error")};
}

void scripted_feedback::feedback(const std::string&, const std::string& id,
                                 const std::string& body, callback done) {
  auto one = to_report(body);
  auto failure = answer(
    {{"call", "result"}, {"id", id}, {"type", type_of_category(one.category)}});
  one.delivered = !failure;
  seen_.note(std::move(one));
  done(std::move(failure));
}

void scripted_feedback::deleted(const std::string&, const std::string& id,
                                callback done) {
  auto failure = answer({{"call", "deleted"}, {"id", id}});
  seen_.note({.kind = "deleted", .id = id, .delivered = !failure});
  done(std::move(failure));
}

void scripted_feedback::update_stats(const std::string&,
                                     const workload_amount& counts,
                                     const resource_amount& units,
                                     callback done) {
  auto failure = answer({{"call", "update_stats"}});
  auto now = to_numbers(units, counts);
  if (is_idle && seen_.was_told && seen_.told == now)
    ++seen_.idle_statistics;
  if (!failure) {
    seen_.told = std::move(now);
    seen_.was_told = true;
  }
  done(std::move(failure));
}

void engine_run::note_request(const seen_request& request) {
  bool is_poll = request.query.starts_with("from=");
  if (request.is_signed == is_poll)
    problems.push_back("wrongly signed: " + request.method + ' '
                       + request.path);
  if (is_poll && request.scripted)
    did.polls.push_back(std::stoull(request.query.substr(5)));
  if (request.method == "PUT") {
    auto one = to_report(request.body);
    one.delivered = request.status == 201;
    did.note(std::move(one));
  }
  if (request.method == "DELETE")
    did.note({.kind = "deleted",
              .id = last_part(request.path),
              .delivered = request.status == 200});
  if (request.method == "POST" && request.status == 200) {
    auto body = value::parse(request.body);
    did.told = to_numbers(body, body);
    did.was_told = true;
  }
}

std::shared_ptr<feedbacker> engine_run::make_feedback() {
  if (client_)
    return client_;
  told_ = std::make_shared<scripted_feedback>(script_, did);
  return told_;
}

// -- the node -----------------------------------------------------------------

engine_run::engine_run(const trace& recording)
  : recording_{recording},
    script_(recording.script), folder_{(std::filesystem::temp_directory_path()
                                        / ("conformance."
                                           + std::to_string(::getpid())))
                                         .string()} {
  clock->set(from_unix(scenario_time));
  std::filesystem::remove_all(folder_);
  std::filesystem::create_directories(folder_);
}

engine_run::~engine_run() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void engine_run::preload(const value& step) {
  auto write = [this](const std::string& name, const std::string& content) {
    std::ofstream{folder_ + '/' + name, std::ios::binary} << content;
  };
  auto records = step.value("reservations", value::array());
  for (auto& one : records)
    write(text(one, "id"), "\"1.0.0\"" + reservation_text(one) + "\n");
  auto files = step.value("files", value::array());
  for (auto& one : files)
    write(text(one, "name"), text(one, "text"));
}

void engine_run::start(const value& step) {
  auto imported = import_cache(folder_, view_, clock->now());
  if (!imported)
    problems.push_back("import: " + imported.error().message);
  spawn_node(step);
}

void engine_run::restart(const value& step) {
  for (auto& one : running_)
    caf::anon_send_exit(one, caf::exit_reason::kill);
  run();
  running_.clear();
  spawn_node(step);
}

void engine_run::spawn_node(const value& step) {
  numbers_ = std::make_shared<ledger>(
    statser_limits{{UINT64_MAX, engine_model::memory_limit(recording_),
                    UINT64_MAX, UINT64_MAX},
                   engine_model::overhead(recording_)});
  auto memory = std::make_shared<std::unique_ptr<reservation_cache>>(
    std::make_unique<reservation_cache>(
      std::make_unique<memory_reservation_store>(
        memory_reservation_store::failure_func{}, disk_),
      clock));
  if (auto failure = (*memory)->sync(*numbers_))
    problems.push_back("sync: " + failure.message);
  auto own = [this](auto handle) {
    running_.push_back(caf::actor_cast<caf::strong_actor_ptr>(handle));
    return keep(handle);
  };
  auto sources = spawn_sources(step);
  auto cache = own(system.spawn(cache_behavior, memory));
  statser_ = own(system.spawn(statser_behavior, numbers_));
  source_ = own(system.spawn(provision::testing::scripted_source));
  sources.insert(sources.begin(),
                 own(system.spawn(expiry_source, cache, clock)));
  sources.push_back(source_);
  for (auto& one : sources)
    own(one);
  auto all = own(system.spawn(combined_source, sources));
  feedback_ = own(system.spawn(feedback_behavior, cache, all, make_feedback(),
                               feedback_options{.node_id = key_.node_id()}));
  intake_peers upstream{all, cache, {own(system.spawn(decoder_behavior))}, {}};
  auto signs = std::make_shared<scripted_signer>(key_, script_);
  engine_peers peers{
    .intake = own(system.spawn(intake_behavior, upstream, key_.node_id())),
    .cache = cache,
    .statser = statser_,
    .feedback = feedback_,
    .signer = own(system.spawn(signing_behavior, signs)),
    .provisioners = provisioners(),
    .mark = std::make_shared<in_flight_mark>(),
    .clock = clock};
  engine_ = own(
    system.spawn(engine_loop, std::move(peers), config::engine_settings{}));
  constexpr std::chrono::seconds long_enough{3};
  if (over_http(step) || step.contains("poll_replies"))
    advance(long_enough);
  run();
}

std::vector<source_actor> engine_run::spawn_sources(const value& step) {
  poll_source_options options{.node_id = key_.node_id()};
  options.settings.poll_interval
    = std::chrono::milliseconds{step.value("poll_period_ms", 10000)};
  if (step.contains("poll_replies")) {
    poller_ = std::make_shared<scripted_poller>(scripted_replies(step));
    options.settings.signatures = config::signature_policy::off;
    return {system.spawn(poll_source, poller_, options)};
  }
  if (!over_http(step))
    return {};
  if (!client_) {
    transport_ = std::make_shared<scripted_transport>(recording_.script);
    transport_->on_request
      = [this](const seen_request& request) { note_request(request); };
    client_ = std::make_shared<explorer_client>(
      transport_, "http://explorer", key_.node_id(),
      std::make_shared<ed25519_signer>(key_), clock);
  }
  options.from = *view_.cursor(options.name);
  return {system.spawn(poll_source, client_, options)};
}

std::map<reservation_type, provisioner_factory> engine_run::provisioners() {
  std::map<reservation_type, provisioner_factory> result;
  workload_functions functions{
    [this](const reservation& what) { return provision(what); },
    [this](const reservation& what) { return decommission(what); }};
  for (auto* type : {"volume", "zdb", "container", "kubernetes", "network",
                     "network_resource", "public_ip", "debug"})
    result[reservation_type{type}] = [this, functions] {
      return keep(system.spawn(function_provisioner, functions));
    };
  auto missing = recording_.script.value("unsupported_types", value::array());
  for (auto& type : missing)
    result.erase(reservation_type{type.get<std::string>()});
  return result;
}

expected<std::string> engine_run::provision(const reservation& what) {
  auto name = filesystem_name(what);
  did.call("provision", name);
  auto* rule
    = script_.decide("provision", {{"type", what.type.name}, {"id", name}});
  if (rule && rule->contains("panic"))
    throw std::runtime_error{text(*rule, "panic")};
  if (rule && rule->contains("error"))
    return fail(errc::provision_failed, text(*rule, "error"));
  if (rule && rule->contains("result"))
    return go_text((*rule)["result"]);
  return default_result(what.type.name, name);
}

error engine_run::decommission(const reservation& what) {
  auto name = filesystem_name(what);
  did.call("decommission", name);
  auto* rule
    = script_.decide("decommission", {{"type", what.type.name}, {"id", name}});
  if (rule && rule->contains("panic"))
    throw std::runtime_error{text(*rule, "panic")};
  if (rule && rule->contains("error"))
    return {errc::decommission_failed, text(*rule, "error")};
  return {};
}

// -- steps --------------------------------------------------------------------

void engine_run::give(const std::vector<std::string>& texts, bool history_end) {
  source_page page;
  page.source = "recording";
  for (auto& one : texts)
    page.documents.push_back(own_text(one, text_form::reservation));
  page.history_end = history_end;
  caf::anon_send(source_, give_page{std::move(page)});
  run();
}

void engine_run::wait(std::chrono::seconds span) {
  if (told_)
    told_->is_idle = true;
  advance(span);
  if (told_)
    told_->is_idle = false;
}

void engine_run::decommission_cached(const std::string& id,
                                     const std::string& reason) {
  auto answer = ask<done>(engine_, provision::decommission_cached{id, reason});
  did.answers.push_back(id + (answer ? "" : answer.error().message));
}

void engine_run::read_counters_stream(int count) {
  auto stream = spawn(counters_stream, statser_, std::chrono::seconds{2});
  caf::anon_send(
    stream, subscribe_counters{"test", [&](const provision_counters& now) {
                                 did.counter_values.push_back(json::write(now));
                               }});
  for (int i = 0; i < count; ++i)
    advance(std::chrono::seconds{2});
  caf::anon_send(stream, unsubscribe_counters{"test"});
  run();
}

void engine_run::settle() {
  constexpr std::chrono::seconds patience{30};
  // Numbers that changed often are told a little later.
  advance(std::chrono::seconds{1});
  auto state = *ask<engine_status>(engine_, read_engine_status{});
  auto owed = *ask<feedback_status>(feedback_, read_feedback_status{});
  if (state.waiting > 0 || owed.waiting > 0 || state.paused)
    advance(patience);
  if (!state.paused && !ask<done>(engine_, stop_engine{}))
    problems.push_back("the engine does not stop");
  if (poller_)
    did.polls = poller_->asked;
  auto units = numbers_->used();
  did.counted
    = to_numbers(to_resource_amount(units), numbers_->current_workloads());
  for (auto& [id, row] : disk_->records) {
    bool is_open = row.state == record_state::accepted
                   || row.state == record_state::applying;
    auto word = is_open                                  ? "none"
                : row.state == record_state::provisioned ? "ok"
                : row.state == record_state::removing    ? "removing"
                                                         : "error";
    did.records[id]
      = {word, row.result.is_nil() ? "" : created_text(row.result.created)};
  }
}

} // namespace provision::conformance
