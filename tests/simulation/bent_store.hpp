#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "persistence/forwarding_store.hpp"

namespace provision::simulation {

/// A store with a mistake in it: each function that is set replaces a method.
struct store_bend {
  std::function<error(reservation_store&, transition_batch&, durability)> apply
    = {};
  std::function<void(std::vector<record>&)> pending = {};
  std::function<void(std::optional<tombstone>&)> tombstone = {};
  std::function<void(timestamp&)> expired = {};
  std::function<void(std::optional<timestamp>&)> next_deadline = {};
  std::function<void(std::vector<outbox_row>&)> outbox = {};
};

class bent_store final : public forwarding_store {
public:
  bent_store(std::unique_ptr<reservation_store> inner, store_bend bend)
    : forwarding_store{std::move(inner)}, bend_{std::move(bend)} {}

  error apply(transition_batch& batch, durability demanded) override {
    return bend_.apply ? bend_.apply(inner(), batch, demanded)
                       : inner().apply(batch, demanded);
  }

  expected<std::vector<record>> pending(std::uint64_t after,
                                        std::size_t count_max) override {
    return bent(inner().pending(after, count_max), bend_.pending);
  }

  expected<std::optional<tombstone>>
  find_tombstone(std::string_view id) override {
    return bent(inner().find_tombstone(id), bend_.tombstone);
  }

  expected<std::vector<record>> expired(timestamp now,
                                        std::size_t count_max) override {
    if (bend_.expired)
      bend_.expired(now);
    return inner().expired(now, count_max);
  }

  expected<std::optional<timestamp>> next_deadline() override {
    return bent(inner().next_deadline(), bend_.next_deadline);
  }

  expected<std::vector<outbox_row>> outbox(std::uint64_t after,
                                           std::size_t count_max) override {
    return bent(inner().outbox(after, count_max), bend_.outbox);
  }

private:
  template <class T, class Bend>
  static expected<T> bent(expected<T> answer, const Bend& bend) {
    if (answer && bend)
      bend(*answer);
    return answer;
  }

  store_bend bend_;
};

} // namespace provision::simulation
