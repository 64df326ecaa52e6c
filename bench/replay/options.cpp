#include "bench/replay/options.hpp"

#include <CLI/CLI.hpp>

#include <map>

#include "bench/replay/mix.hpp"

namespace provision::bench {

namespace {

constexpr int wrong_usage = 2;

constexpr auto examples = R"(
Examples:
  provision-replay
      10,000 generated reservations with checked signatures, results dropped
  provision-replay --explorer sim --count 20000 --json f.json --plot f.svg
      the same with real PUTs to an explorer-sim on this machine
  provision-replay --verify off --explorer sim
      the work that the original node does, with every sync in place
  provision-replay --sync each --explorer sim --count 1000
      one reservation at a time, its report accepted before the next
  provision-replay --known --count 50000
      a history that the node knows already
  provision-replay --cached 100,1000,10000,100000 --plot growth.svg
      whether a node that runs much gets slower
  provision-replay --expire 100000
      how late the ends of 100,000 workloads within one minute are noticed
  provision-replay --cached 100000 --idle 30
      what a node costs that has nothing to do
  provision-replay --hang zdb --count 500
      what is left for others while one type's provisioner hangs, as a share
      of the same stream without the hang; each run is taken both ways
  provisiond --record day.jsonl ...; provision-replay --compare day.jsonl
      whether this version answers a node's day as that node did
  provision-replay --stream day.jsonl --verify off
      that day again, as fast as it goes

The limit is what this machine's cores could do if they did nothing but the
stages that a reservation cannot do without, each measured alone in the same
minutes. Close other programs: ratios bear them, figures do not.

Exit codes: 0 done, 1 failed, different or below --ratio-min, 2 wrong usage.
)";

const std::map<std::string, explorer_kind> explorers{
  {"none", explorer_kind::none}, {"sim", explorer_kind::sim}};
const std::map<std::string, sync_mode> syncs{{"group", sync_mode::group},
                                             {"each", sync_mode::each}};
const std::map<std::string, bool> switches{{"on", true}, {"off", false}};

void add_input(CLI::App& app, replay_options& told) {
  app.add_option("--stream", told.stream, "JSONL file of reservations");
  app.add_option("--users", told.users,
                 "JSONL file of the users who signed them");
  app.add_option("-n,--count", told.count, "reservations to generate")
    ->check(CLI::Range(1, 100'000'000))
    ->capture_default_str();
  app.add_option("--seed", told.seed, "seed of the generator")
    ->capture_default_str();
  app.add_option("--mix", told.mix, "TYPE=SHARE,... of the generated types")
    ->capture_default_str();
  app.add_option("--compare", told.compare,
                 "play a recording and show where results differ");
}

void add_work(CLI::App& app, replay_options& told) {
  app
    .add_option("--explorer", told.explorer,
                "none: results are dropped; sim: PUT to an explorer-sim")
    ->transform(CLI::CheckedTransformer(explorers))
    ->option_text("none|sim [none]");
  app.add_option("--verify", told.verify, "check the customers' signatures")
    ->transform(CLI::CheckedTransformer(switches))
    ->option_text("on|off [on]");
  app
    .add_option("--sync", told.sync,
                "group: what is ready shares a sync; each: strictly serial")
    ->transform(CLI::CheckedTransformer(syncs))
    ->option_text("group|each [group]");
  app
    .add_option("--cached", told.cached,
                "workloads that run already; a list: a measurement for each")
    ->delimiter(',');
  app.add_flag("--known", told.known, "the node has done the stream before");
  app.add_option("--hang", told.hang, "type whose provisioner never returns");
  app.add_option("--deadline", told.deadline_ms, "ms it gets, with --hang")
    ->capture_default_str();
  auto* expire = app.add_option("--expire", told.expire,
                                "no stream: workloads whose time ends");
  app
    .add_option("--expire-seconds", told.expire_seconds,
                "over which their deadlines are spread")
    ->capture_default_str();
  app.add_option("--idle", told.idle, "no stream: seconds of nothing to do")
    ->excludes(expire);
}

void add_output(CLI::App& app, replay_options& told) {
  app.add_option("--repetitions", told.repetitions, "runs after the warm-up")
    ->check(CLI::Range(1, 1000))
    ->capture_default_str();
  app.add_option("--dir", told.folder, "folder on the disk to be measured")
    ->capture_default_str();
  app.add_option("--explorer-sim", told.explorer_sim,
                 "path of explorer-sim [beside this program]");
  app.add_option("--json", told.json_file, "file for the figures as JSON");
  app.add_option("--plot", told.plot_file, "file for the figures as SVG");
  app.add_option("--ratio-min", told.ratio_min,
                 "fail if the best run reaches less of the limit; with "
                 "--hang: of the run without the hang");
}

} // namespace

std::optional<replay_options> read_command_line(int argc, char** argv,
                                                int& code) {
  replay_options told;
  told.mix = std::string{default_mix};
  CLI::App app{"Replays a stream of reservations through the real engine and "
               "says how fast it went.",
               "provision-replay"};
  app.footer(examples);
  add_input(app, told);
  add_work(app, told);
  add_output(app, told);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    code = app.exit(e) == 0 ? 0 : wrong_usage;
    return std::nullopt;
  }
  return told;
}

} // namespace provision::bench
