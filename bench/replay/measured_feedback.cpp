#include "bench/replay/measured_feedback.hpp"

#include <utility>

namespace provision::bench {

measured_feedback::measured_feedback(
  std::shared_ptr<feedbacker> explorer,
  std::shared_ptr<bench::stream_journal> journal,
  std::function<void()> accepted)
  : explorer_{std::move(explorer)}, journal_{std::move(journal)},
    accepted_{std::move(accepted)} {
}

void measured_feedback::feedback(const std::string& node_id,
                                 const std::string& id, const std::string& body,
                                 callback done) {
  auto note = [journal = journal_, accepted = accepted_, refused = refused_, id,
               done = std::move(done)](error failure) {
    if (failure)
      ++*refused;
    else if (journal->accept(id))
      accepted();
    done(std::move(failure));
  };
  if (explorer_)
    explorer_->feedback(node_id, id, body, std::move(note));
  else
    note({});
}

void measured_feedback::deleted(const std::string& node_id,
                                const std::string& id, callback done) {
  if (explorer_)
    explorer_->deleted(node_id, id, std::move(done));
  else
    done({});
}

void measured_feedback::update_stats(const std::string& node_id,
                                     const workload_amount& counts,
                                     const resource_amount& units,
                                     callback done) {
  if (explorer_)
    explorer_->update_stats(node_id, counts, units, std::move(done));
  else
    done({});
}

} // namespace provision::bench
