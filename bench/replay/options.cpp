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
  provision-replay --explorer sim --count 20000
      the same with real PUTs to an explorer-sim on this machine
  provision-replay --verify off --explorer sim
      the work that the original node does, with every sync in place
  provision-replay --sync each --explorer sim --count 1000
      one reservation at a time, its report accepted before the next

Exit codes: 0 done, 1 failed, 2 wrong usage.
)";

const std::map<std::string, explorer_kind> explorers{
  {"none", explorer_kind::none}, {"sim", explorer_kind::sim}};
const std::map<std::string, sync_mode> syncs{{"group", sync_mode::group},
                                             {"each", sync_mode::each}};
const std::map<std::string, bool> switches{{"on", true}, {"off", false}};

} // namespace

std::optional<replay_options> read_command_line(int argc, char** argv,
                                                int& code) {
  replay_options told;
  told.mix = std::string{default_mix};
  CLI::App app{"Replays a stream of reservations through the real engine and "
               "says how fast it went.",
               "provision-replay"};
  app.footer(examples);
  app.add_option("--stream", told.stream, "JSONL file of documents");
  app.add_option("-n,--count", told.count, "reservations to generate")
    ->capture_default_str();
  app.add_option("--seed", told.seed, "seed of the generator")
    ->capture_default_str();
  app.add_option("--mix", told.mix, "TYPE=SHARE,... of the generated types")
    ->capture_default_str();
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
  app.add_option("--repetitions", told.repetitions, "runs after the warm-up")
    ->check(CLI::Range(1, 1000))
    ->capture_default_str();
  app.add_option("--dir", told.folder, "folder on the disk to be measured")
    ->capture_default_str();
  app.add_option("--explorer-sim", told.explorer_sim,
                 "path of explorer-sim [beside this program]");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    code = app.exit(e) == 0 ? 0 : wrong_usage;
    return std::nullopt;
  }
  return told;
}

} // namespace provision::bench
