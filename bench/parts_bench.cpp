// What the parts of a reservation's journey cost, one by one.
#include <benchmark/benchmark.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "actors/decoder.hpp"
#include "identity/document_signature.hpp"
#include "identity/node_key.hpp"
#include "messages/converter.hpp"
#include "messages/json/json.hpp"
#include "persistence/leveldb/leveldb_reservation_store.hpp"

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

} // namespace
