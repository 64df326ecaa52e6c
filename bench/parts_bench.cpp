// What the parts of a reservation's journey cost, one by one.
#include <benchmark/benchmark.h>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/io/middleman.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "actors/decoder.hpp"
#include "actors/provisioners/function_provisioner.hpp"
#include "actors/workers/worker_provisioner.hpp"
#include "backends/host/spawned_worker.hpp"
#include "identity/document_signature.hpp"
#include "identity/node_key.hpp"
#include "messages/converter.hpp"
#include "messages/json/json.hpp"
#include "persistence/leveldb/journal_chain.hpp"
#include "persistence/leveldb/leveldb_reservation_store.hpp"
#include "persistence/record_codec.hpp"

using namespace provision;

namespace {

std::string golden(const std::string& name) {
  std::ifstream in{"tests/golden/documents/" + name + ".json"};
  return {std::istreambuf_iterator<char>{in}, {}};
}

node_key a_key() {
  return *node_key::from_seed(secret{"12345678901234567890123456789012"});
}

void read_document(benchmark::State& state, const char* name) {
  auto text = golden(name);
  for (auto _ : state)
    benchmark::DoNotOptimize(json::read_document(text));
  state.SetBytesProcessed(state.iterations()
                          * static_cast<std::int64_t>(text.size()));
}
BENCHMARK_CAPTURE(read_document, volume, "volume");
BENCHMARK_CAPTURE(read_document, container, "container");
BENCHMARK_CAPTURE(read_document, network_resource, "network_resource");

void decode_to_reservation(benchmark::State& state) {
  auto received = own_text(golden("volume"), text_form::document);
  auto node = json::read_document(received.text)->node_id;
  for (auto _ : state)
    benchmark::DoNotOptimize(decode(received, node));
}
BENCHMARK(decode_to_reservation);

void challenge(benchmark::State& state) {
  auto document = *json::read_document(golden("container"));
  for (auto _ : state)
    benchmark::DoNotOptimize(documents::challenge(document));
}
BENCHMARK(challenge);

void verify_customer(benchmark::State& state) {
  auto document = *json::read_document(golden("volume"));
  auto key = a_key();
  document.customer_signature = customer_signature(document, key);
  for (auto _ : state)
    if (verify_customer_signature(document, key.public_key()))
      state.SkipWithError("a good signature was refused");
}
BENCHMARK(verify_customer);

/// What the journal's chain takes for a batch of so many lines.
void chain_lines(benchmark::State& state) {
  ed25519_signer signer{a_key()};
  journal_seal chain;
  for (auto _ : state) {
    for (std::int64_t i = 0; i < state.range(0); ++i) {
      journal_entry line{
        .at = from_unix(1'614'250'050), .id = "100-1", .event = "provisioned"};
      benchmark::DoNotOptimize(append_line(chain, line));
    }
    benchmark::DoNotOptimize(sealed_row(chain, &signer));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(chain_lines)->Arg(1)->Arg(16)->Arg(256);

void sign_result(benchmark::State& state) {
  ed25519_signer signer{a_key()};
  result r{.state = state_ok, .data = R"({"volume_id":"100-1"})"};
  for (auto _ : state)
    benchmark::DoNotOptimize(signer.sign(r.bytes()));
}
BENCHMARK(sign_result);

/// Synced batches of new records; items are records.
void store_batch(benchmark::State& state) {
  auto folder = std::filesystem::path{"build/bench"} / "store";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder.parent_path());
  auto store = *open_leveldb_store(folder, a_key().node_id(), from_unix(1));
  auto text = own_text(golden("volume"), text_form::document);
  std::uint64_t next = 1;
  for (auto _ : state) {
    transition_batch batch;
    for (std::int64_t i = 0; i < state.range(0); ++i) {
      auto row = std::make_shared<record>();
      row->id = std::to_string(next) + "-1";
      row->sequence = next++;
      row->type = reservation_types::volume;
      row->user_id = "7";
      row->received = text;
      batch.puts.push_back({row, true});
    }
    if (auto failure = store->apply(batch, durability::machine))
      state.SkipWithError(failure.message.c_str());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  store.reset();
  std::filesystem::remove_all(folder);
}
BENCHMARK(store_batch)->Arg(1)->Arg(16)->Arg(64)->Arg(256)->UseRealTime();

// -- the record codec ---------------------------------------------------------

record a_record() {
  record row;
  row.id = "100-1";
  row.sequence = 1;
  row.state = record_state::provisioned;
  row.source = "explorer";
  row.type = reservation_types::volume;
  row.user_id = "7";
  row.result = {.type = row.type,
                .id = row.id,
                .created = from_unix(1'614'250'050),
                .state = result_state::ok,
                .data = R"({"volume_id":"100-1"})",
                .signature = std::string(128, 'a')};
  row.received = own_text(golden("volume"), text_form::document);
  return row;
}

void encode_record(benchmark::State& state) {
  auto row = a_record();
  for (auto _ : state) {
    benchmark::DoNotOptimize(encode_state(row));
    benchmark::DoNotOptimize(encode_received(row.received));
  }
}
BENCHMARK(encode_record);

void decode_record(benchmark::State& state) {
  auto row = encode_state(a_record());
  auto received = encode_received(a_record().received);
  for (auto _ : state) {
    benchmark::DoNotOptimize(decode_state(row));
    benchmark::DoNotOptimize(decode_received(received));
  }
}
BENCHMARK(decode_record);

/// What a start pays per record.
void summarise_record(benchmark::State& state) {
  auto row = encode_state(a_record());
  for (auto _ : state)
    benchmark::DoNotOptimize(decode_summary(row));
}
BENCHMARK(summarise_record);

// -- a hop between actors -----------------------------------------------------

struct ask_many {
  std::int64_t count = 0;
};

} // namespace

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(ask_many)

namespace {

using asker_actor = caf::typed_actor<caf::replies_to<ask_many>::with<done>>;

struct asker_state {
  explicit asker_state(asker_actor::pointer self) : self{self} {}

  /// One call at a time, as the engine asks provisioners.
  void next() {
    if (left-- == 0) {
      reply.deliver(done{});
      return;
    }
    self->request(provisioner, caf::infinite, provision_workload{what})
      .then([this](provisioned_workload&) { next(); });
  }

  asker_actor::pointer self;
  provisioner_actor provisioner = {};
  reservation_ptr what = std::make_shared<reservation>();
  std::int64_t left = 0;
  caf::typed_response_promise<done> reply = {};
};

asker_actor::behavior_type
asker(asker_actor::stateful_pointer<asker_state> self,
      provisioner_actor provisioner) {
  self->state.provisioner = std::move(provisioner);
  return {[=](ask_many& request) {
    self->state.left = request.count;
    self->state.reply = self->make_response_promise<done>();
    auto reply = self->state.reply;
    self->state.next();
    return reply;
  }};
}

/// From the engine to a provisioner and back; detached, as in the node, or on
/// the threads of everybody (0).
void engine_hop(benchmark::State& state) {
  caf::actor_system_config config;
  config.set("scheduler.policy", caf::atom("sharing"));
  caf::actor_system system{config};
  workload_functions functions{
    [](const reservation&) -> expected<std::string> { return "null"; },
    [](const reservation&) { return error{}; }};
  auto provisioner
    = state.range(0) != 0
        ? system.spawn<caf::detached>(function_provisioner, functions)
        : system.spawn(function_provisioner, functions);
  auto from = system.spawn(asker, provisioner);
  constexpr std::int64_t calls = 1000;
  caf::scoped_actor self{system};
  for (auto _ : state)
    self->request(from, caf::infinite, ask_many{calls})
      .receive([](done) {},
               [&](caf::error&) { state.SkipWithError("no answer"); });
  state.SetItemsProcessed(state.iterations() * calls);
  caf::anon_send_exit(from, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(provisioner, caf::exit_reason::user_shutdown);
}
BENCHMARK(engine_hop)->ArgName("detached")->Arg(0)->Arg(1)->UseRealTime();

struct with_sockets : caf::actor_system_config {
  with_sockets() {
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", 1);
    load<caf::io::middleman>();
  }
};

provisioner_actor spawn_idle_worker(caf::actor_system& system) {
  return system.middleman().spawn_broker(
    worker_provisioner, reservation_types::volume, std::string{"node"},
    isolated_type{.launch = spawn_worker(
                    {.program = IDLE_WORKER, .arguments = {"idle_worker"}})});
}

/// The same to a provisioner in a process of its own.
void worker_call(benchmark::State& state) {
  with_sockets config;
  caf::actor_system system{config};
  auto provisioner = spawn_idle_worker(system);
  auto from = system.spawn(asker, provisioner);
  constexpr std::int64_t calls = 1000;
  caf::scoped_actor self{system};
  for (auto _ : state)
    self->request(from, caf::infinite, ask_many{calls})
      .receive([](done) {},
               [&](caf::error&) { state.SkipWithError("no answer"); });
  state.SetItemsProcessed(state.iterations() * calls);
  caf::anon_send_exit(from, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(provisioner, caf::exit_reason::user_shutdown);
}
BENCHMARK(worker_call)->UseRealTime();

/// From nothing to a worker that has answered its first probe.
void worker_start(benchmark::State& state) {
  with_sockets config;
  caf::actor_system system{config};
  caf::scoped_actor self{system};
  for (auto _ : state) {
    auto provisioner = spawn_idle_worker(system);
    self->request(provisioner, caf::infinite, probe_provisioner{})
      .receive([](done) {},
               [&](caf::error&) { state.SkipWithError("no answer"); });
    caf::anon_send_exit(provisioner, caf::exit_reason::user_shutdown);
  }
}
BENCHMARK(worker_start)->UseRealTime();

} // namespace
