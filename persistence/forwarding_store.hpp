#pragma once

#include <memory>
#include <utility>

#include "persistence/reservation_store.hpp"

namespace provision {

/// Passes everything on to another store: what measures, observes or bends a
/// store overrides the methods it is about. New methods of the port belong here
/// too, also those that have a default.
class forwarding_store : public reservation_store {
public:
  explicit forwarding_store(std::unique_ptr<reservation_store> inner)
    : inner_{std::move(inner)} {}

  error apply(transition_batch& batch, durability demanded) override {
    return inner_->apply(batch, demanded);
  }
  expected<std::optional<record>> find(std::string_view id) override {
    return inner_->find(id);
  }
  expected<std::optional<record>> find_state(std::string_view id) override {
    return inner_->find_state(id);
  }
  expected<std::optional<tombstone>>
  find_tombstone(std::string_view id) override {
    return inner_->find_tombstone(id);
  }
  expected<std::optional<quarantined>>
  find_quarantined(std::string_view key) override {
    return inner_->find_quarantined(key);
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
  std::optional<journal_seal> seal() const override { return inner_->seal(); }
  expected<std::vector<record>> list(std::string_view prefix,
                                     std::string_view after,
                                     std::size_t count_max) override {
    return inner_->list(prefix, after, count_max);
  }
  expected<std::optional<std::vector<std::string>>>
  ids_of(listed_by what, std::string_view value,
         const id_range& range) override {
    return inner_->ids_of(what, value, range);
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
  store_writes writes() const override { return inner_->writes(); }
  const recovery_report& recovery() const override {
    return inner_->recovery();
  }

protected:
  reservation_store& inner() { return *inner_; }

private:
  std::unique_ptr<reservation_store> inner_;
};

} // namespace provision
