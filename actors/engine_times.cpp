#include "actors/engine_times.hpp"

namespace provision {

void engine_times::accept_ends(instant now, std::size_t documents) {
  numbers_.accept.observe(now - accept_since_);
  ++numbers_.pages;
  numbers_.documents += documents;
}

void engine_times::call_begins(const std::string& id,
                               const reservation_type& type, instant now) {
  call_since_ = now;
  auto begun = begun_.find(id);
  if (begun != begun_.end())
    numbers_.types[type].queued.observe(now - begun->second);
}

void engine_times::call_ends(const reservation_type& type, bool removing,
                             bool is_good, instant now) {
  auto& times = numbers_.types[type];
  auto& ended = removing
                  ? (is_good ? times.decommissioned : times.decommission_failed)
                  : (is_good ? times.provisioned : times.provision_failed);
  ended.observe(now - call_since_);
}

void engine_times::settle_ends(instant now, std::size_t outcomes) {
  numbers_.settle.observe(now - settle_since_);
  numbers_.outcomes += outcomes;
}

void engine_times::settled(const std::string& id, const reservation_type& type,
                           instant now) {
  auto begun = begun_.extract(id);
  if (begun)
    numbers_.types[type].whole.observe(now - begun.mapped());
}

} // namespace provision
