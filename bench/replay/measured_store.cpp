#include "bench/replay/measured_store.hpp"

#include <utility>

namespace provision::bench {

namespace {

class counting_store final : public reservation_store {
public:
  counting_store(std::unique_ptr<reservation_store> inner,
                 std::shared_ptr<sync_counts> counts)
    : inner_{std::move(inner)}, counts_{std::move(counts)} {}

  error apply(transition_batch& batch, durability demanded) override {
    if (demanded == durability::machine)
      count(batch);
    return inner_->apply(batch, demanded);
  }

  expected<std::optional<record>> find(std::string_view id) override {
    return inner_->find(id);
  }
  // Also what the port has a default for: that would go the long way round.
  expected<std::optional<record>> find_state(std::string_view id) override {
    return inner_->find_state(id);
  }
  expected<std::optional<tombstone>>
  find_tombstone(std::string_view id) override {
    return inner_->find_tombstone(id);
  }
  expected<std::vector<record>> pending(std::uint64_t after,
                                        std::size_t count_max) override {
    return inner_->pending(after, count_max);
  }
  expected<std::vector<record>> expired(timestamp now,
                                        std::size_t count_max) override {
    return inner_->expired(now, count_max);
  }
  expected<std::optional<timestamp>> next_deadline() override {
    return inner_->next_deadline();
  }
  expected<bool> network_exists(std::string_view network) override {
    return inner_->network_exists(network);
  }
  expected<std::vector<outbox_row>> outbox(std::uint64_t after,
                                           std::size_t count_max) override {
    return inner_->outbox(after, count_max);
  }
  expected<std::vector<outbox_row>> parked(std::size_t count_max) override {
    return inner_->parked(count_max);
  }
  expected<std::vector<quarantined>>
  quarantine(std::string_view after, std::size_t count_max) override {
    return inner_->quarantine(after, count_max);
  }
  expected<std::vector<journal_entry>> journal(std::uint64_t after,
                                               std::size_t count_max) override {
    return inner_->journal(after, count_max);
  }
  expected<std::uint64_t> journal_before(timestamp at) override {
    return inner_->journal_before(at);
  }
  expected<std::vector<record>> list(std::string_view prefix,
                                     std::string_view after,
                                     std::size_t count_max) override {
    return inner_->list(prefix, after, count_max);
  }
  expected<std::uint64_t> cursor(std::string_view source) override {
    return inner_->cursor(source);
  }
  error
  for_each(const std::function<void(const record_summary&)>& visit) override {
    return inner_->for_each(visit);
  }
  expected<store_statistics> statistics() override {
    return inner_->statistics();
  }
  const recovery_report& recovery() const override {
    return inner_->recovery();
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

  std::unique_ptr<reservation_store> inner_;
  std::shared_ptr<sync_counts> counts_;
};

} // namespace

std::unique_ptr<reservation_store>
measured_store(std::unique_ptr<reservation_store> store,
               std::shared_ptr<sync_counts> counts) {
  return std::make_unique<counting_store>(std::move(store), std::move(counts));
}

} // namespace provision::bench
