#include "bench/replay/measured_store.hpp"

#include <utility>

#include "persistence/forwarding_store.hpp"

namespace provision::bench {

namespace {

class counting_store final : public forwarding_store {
public:
  counting_store(std::unique_ptr<reservation_store> inner,
                 std::shared_ptr<sync_counts> counts)
    : forwarding_store{std::move(inner)}, counts_{std::move(counts)} {}

  error apply(transition_batch& batch, durability demanded) override {
    if (demanded == durability::machine)
      count(batch);
    return inner().apply(batch, demanded);
  }

private:
  void count(const transition_batch& batch) {
    std::uint64_t intents = 0;
    for (auto& put : batch.puts)
      intents += put.with_received ? 1 : 0;
    auto outcomes = batch.puts.size() - intents + batch.gone.size();
    counts_->intents += intents;
    counts_->intent_syncs += intents > 0 ? 1 : 0;
    counts_->outcomes += outcomes;
    counts_->outcome_syncs += outcomes > 0 ? 1 : 0;
  }

  std::shared_ptr<sync_counts> counts_;
};

} // namespace

std::unique_ptr<reservation_store>
measured_store(std::unique_ptr<reservation_store> store,
               std::shared_ptr<sync_counts> counts) {
  return std::make_unique<counting_store>(std::move(store), std::move(counts));
}

} // namespace provision::bench
