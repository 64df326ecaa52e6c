#pragma once

#include <memory>
#include <utility>

#include "persistence/forwarding_store.hpp"
#include "tests/simulation/checkers.hpp"

namespace provision::simulation {

/// Tells the checkers what was applied.
class observed_store final : public forwarding_store {
public:
  observed_store(std::unique_ptr<reservation_store> inner, checkers& watch)
    : forwarding_store{std::move(inner)}, watch_{watch} {}

  error apply(transition_batch& batch, durability demanded) override {
    auto outcome = forwarding_store::apply(batch, demanded);
    if (outcome)
      watch_.refused(batch);
    else
      watch_.applied(batch, demanded);
    return outcome;
  }

private:
  checkers& watch_;
};

} // namespace provision::simulation
