#include "bench/replay/measurement.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <utility>

#include "bench/replay/cached_store.hpp"
#include "bench/replay/cpu_time.hpp"
#include "bench/replay/engine_run.hpp"
#include "bench/replay/explorer_process.hpp"
#include "bench/replay/figures_json.hpp"
#include "bench/replay/isolated.hpp"
#include "bench/replay/known_stream.hpp"
#include "bench/replay/progress_line.hpp"
#include "bench/replay/stages.hpp"
#include "bench/replay/stream.hpp"
#include "identity/node_key.hpp"

namespace provision::bench {

namespace {

namespace fs = std::filesystem;

/// From building a store with deadlines to the first of them: time to write
/// it, to open it and to settle.
std::chrono::nanoseconds deadline_lead(std::uint64_t count) {
  return std::chrono::seconds{4} + std::chrono::microseconds{60} * count;
}

stage_cost mean(const stage_cost& a, const stage_cost& b) {
  return {(a.cpu_us + b.cpu_us) / 2, (a.wall_us + b.wall_us) / 2};
}

stage_costs mean(const stage_costs& a, const stage_costs& b) {
  return {mean(a.decode, b.decode),
          mean(a.verify, b.verify),
          mean(a.store, b.store),
          mean(a.sign, b.sign),
          mean(a.http, b.http),
          (a.explorer_us + b.explorer_us) / 2,
          mean(a.http_together, b.http_together),
          (a.explorer_together_us + b.explorer_together_us) / 2};
}

std::size_t group_of(double mean) {
  return std::max<std::size_t>(1, static_cast<std::size_t>(mean + 0.5));
}

class measurer {
public:
  measurer(const replay_options& told, const std::string& folder)
    : told_{told}, folder_{folder} {}

  error prepare();
  expected<measurement> take(std::uint64_t cached);

private:
  error build(std::uint64_t count, timestamp first_deadline);
  error make_known();
  expected<run_figures> run(const run_orders& orders, const std::string& what);
  expected<stage_costs> take_stages(const run_orders& orders,
                                    const run_figures& earlier);
  expected<measured_run> take_run(unsigned number);
  expected<run_figures> run_undisturbed(const std::string& what);
  expected<std::unique_ptr<explorer_process>> start_explorer();

  std::string base() const { return folder_ + "/base"; }

  const replay_options& told_;
  const std::string& folder_;
  stream documents_ = {};
  /// A store to start from is in base().
  bool has_base_ = false;
  timestamp first_deadline_ = end_of_time;
  /// Of the run before: tells which groups to measure the store with.
  run_figures earlier_ = {};
};

error measurer::prepare() {
  auto made = prepare_stream(told_, folder_);
  if (!made)
    return made.error();
  documents_ = std::move(*made);
  return {};
}

error measurer::build(std::uint64_t count, timestamp first_deadline) {
  fs::remove_all(base());
  has_base_ = count > 0;
  first_deadline_ = first_deadline;
  if (count == 0)
    return {};
  auto mix = read_mix(told_.mix);
  if (!mix)
    return mix.error();
  cached_orders orders{.folder = base(),
                       .node_id = documents_.node_id,
                       .mix = std::move(*mix),
                       .seed = told_.seed,
                       .count = count,
                       .first_deadline = first_deadline,
                       .step = deadline_step(told_.expire_seconds, count),
                       .signs
                       = std::make_shared<ed25519_signer>(measured_node())};
  auto built = in_child([&](progress&) -> expected<nlohmann::json> {
    if (auto failure = build_store(orders))
      return fail(std::move(failure));
    return nlohmann::json{};
  });
  return built ? error{} : built.error();
}

/// Lets a node do the whole stream, and the stream know its results.
error measurer::make_known() {
  auto first = told_;
  first.known = false;
  run_orders orders{.options = std::move(first),
                    .documents = documents_,
                    .folder = folder_ + "/first",
                    .record_file = folder_ + "/first.jsonl"};
  if (has_base_)
    if (auto failure = copy_store(base(), orders.folder + "/store"))
      return failure;
  fs::create_directories(orders.folder);
  if (auto done = run(orders, "making it known"); !done)
    return done.error();
  fs::remove_all(base());
  fs::rename(orders.folder + "/store", base());
  if (auto failure = settle_store(base()))
    return failure;
  has_base_ = true;
  auto file = folder_ + "/known.jsonl";
  auto rewritten = in_child([&](progress&) -> expected<nlohmann::json> {
    if (auto failure = add_results(documents_.file, orders.record_file, file))
      return fail(std::move(failure));
    return nlohmann::json{};
  });
  if (!rewritten)
    return rewritten.error();
  documents_.file = file;
  return {};
}

expected<std::unique_ptr<explorer_process>> measurer::start_explorer() {
  if (told_.explorer != explorer_kind::sim)
    return nullptr;
  return explorer_process::start(
    told_.explorer_sim.empty() ? explorer_sim_beside_us() : told_.explorer_sim,
    documents_, folder_);
}

expected<run_figures> measurer::run(const run_orders& orders,
                                    const std::string& what) {
  progress_line line{what, told_.expire > 0 ? told_.expire : documents_.count};
  auto figures = in_child(
    [&](progress& shared) -> expected<nlohmann::json> {
      auto made = run_engine(orders, shared);
      if (!made)
        return fail(made.error());
      return nlohmann::json(*made);
    },
    [&](const progress& shared) { line.show(shared.done); });
  if (!figures)
    return fail(figures.error());
  return figures->get<run_figures>();
}

expected<stage_costs> measurer::take_stages(const run_orders& orders,
                                            const run_figures& earlier) {
  bool serial = told_.sync == sync_mode::each;
  stage_orders asked{
    .documents = documents_,
    .folder = folder_,
    .records = static_cast<std::size_t>(documents_.count),
    .intents_per_sync = serial ? 1 : group_of(earlier.intents_per_sync),
    .outcomes_per_sync = serial ? 1 : group_of(earlier.outcomes_per_sync),
    .explorer_url = orders.explorer_url,
    .explorer_pid = orders.explorer_pid,
    .puts_in_flight = serial ? std::size_t{1} : std::size_t{16},
    .verify = told_.verify,
    .known = told_.known};
  auto costs = in_child([&](progress&) -> expected<nlohmann::json> {
    auto made = measure_stages(asked);
    if (!made)
      return fail(made.error());
    return nlohmann::json(*made);
  });
  if (!costs)
    return fail(costs.error());
  return costs->get<stage_costs>();
}

/// The same stream, and the type that is to hang does not.
expected<run_figures> measurer::run_undisturbed(const std::string& what) {
  auto explorer = start_explorer();
  if (!explorer)
    return fail(explorer.error());
  auto calm = told_;
  calm.hangs = false;
  run_orders orders{.options = std::move(calm),
                    .documents = documents_,
                    .folder = folder_ + "/calm",
                    .explorer_url = *explorer ? (*explorer)->url() : "",
                    .explorer_pid = *explorer ? (*explorer)->pid() : -1};
  fs::remove_all(orders.folder);
  fs::create_directories(orders.folder);
  if (has_base_)
    if (auto failure = copy_store(base(), orders.folder + "/store"))
      return fail(std::move(failure));
  return run(orders, what + ", without the hang");
}

expected<measured_run> measurer::take_run(unsigned number) {
  auto explorer = start_explorer();
  if (!explorer)
    return fail(explorer.error());
  if (told_.expire > 0)
    if (auto failure
        = build(told_.expire, saturating_add(system_clock{}.now(),
                                             deadline_lead(told_.expire))))
      return fail(std::move(failure));
  bool replays = told_.expire == 0 && told_.idle == 0;
  run_orders orders{.options = told_,
                    .documents = documents_,
                    .folder = folder_ + "/run",
                    .explorer_url = *explorer ? (*explorer)->url() : "",
                    .explorer_pid = *explorer ? (*explorer)->pid() : -1,
                    .first_deadline = first_deadline_};
  if (!replays)
    orders.documents.file.clear();
  fs::remove_all(orders.folder);
  fs::create_directories(orders.folder);
  if (has_base_)
    if (auto failure = copy_store(base(), orders.folder + "/store"))
      return fail(std::move(failure));
  // The warm-up tells which groups the stages are measured with.
  bool measures_stages = has_limit(told_) && number > 0;
  measured_run made;
  if (measures_stages) {
    auto before = take_stages(orders, earlier_);
    if (!before)
      return fail(before.error());
    made.costs = *before;
  }
  auto name = number == 0 ? "warm-up"
                          : "run " + std::to_string(number) + " of "
                              + std::to_string(told_.repetitions);
  if (!told_.hang.empty()) {
    // Just before the other, so that both meet the same machine.
    auto calm = run_undisturbed(name);
    if (!calm)
      return fail(calm.error());
    made.others_undisturbed = calm->others_per_second;
  }
  auto figures = run(orders, name);
  if (!figures)
    return fail(figures.error());
  made.figures = earlier_ = *figures;
  if (measures_stages) {
    auto after = take_stages(orders, earlier_);
    if (!after)
      return fail(after.error());
    made.costs = mean(made.costs, *after);
    made.limit = limit_of(told_, made.costs, usable_cores());
    made.limit_together
      = limit_of(told_, with_puts_together(made.costs), usable_cores());
  }
  return made;
}

expected<measurement> measurer::take(std::uint64_t cached) {
  if (auto failure = build(cached, end_of_time))
    return fail(std::move(failure));
  if (told_.known)
    if (auto failure = make_known())
      return fail(std::move(failure));
  measurement made{.cached = cached};
  // Waiting for deadlines or for nothing needs no warm-up.
  bool replays = told_.expire == 0 && told_.idle == 0;
  for (unsigned number = replays ? 0 : 1; number <= told_.repetitions;
       ++number) {
    auto one = take_run(number);
    if (!one)
      return fail(one.error());
    if (number > 0)
      made.runs.push_back(std::move(*one));
  }
  fs::remove_all(base());
  return made;
}

} // namespace

bool has_limit(const replay_options& told) noexcept {
  return told.expire == 0 && told.idle == 0 && told.hang.empty();
}

stage_costs with_puts_together(stage_costs costs) noexcept {
  costs.http = costs.http_together;
  costs.explorer_us = costs.explorer_together_us;
  return costs;
}

double limit_of(const replay_options& told, const stage_costs& costs,
                unsigned cores) {
  if (told.known)
    // What is known is only looked at.
    return cores * 1e6 / costs.decode.cpu_us;
  auto sum = [&](double stage_cost::*what) {
    return costs.decode.*what + costs.verify.*what + costs.store.*what
           + costs.sign.*what + costs.http.*what;
  };
  // The wall of a PUT holds the explorer's part already.
  if (told.sync == sync_mode::each)
    return 1e6 / sum(&stage_cost::wall_us);
  return cores * 1e6 / (sum(&stage_cost::cpu_us) + costs.explorer_us);
}

expected<std::vector<measurement>> measure(const replay_options& told,
                                           const std::string& folder) {
  measurer all{told, folder};
  if (auto failure = all.prepare())
    return fail(std::move(failure));
  std::vector<measurement> made;
  for (auto cached : told.cached) {
    auto one = all.take(cached);
    if (!one)
      return fail(one.error());
    made.push_back(std::move(*one));
  }
  return made;
}

} // namespace provision::bench
