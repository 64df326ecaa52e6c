#include "actors/workers/worker_contact.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>

#include <chrono>
#include <utility>

#include "actors/caf_error.hpp"
#include "actors/workers/worker_provisioner.hpp"

namespace provision {

namespace {

constexpr std::chrono::seconds patience{30};

expected<std::vector<held_object>> ask(const caf::actor& speaker,
                                       worker_inquiry question) {
  if (!speaker)
    return fail(errc::host_unavailable, "its worker is not there");
  expected<std::vector<held_object>> result
    = fail(errc::host_unavailable, "its worker did not answer");
  caf::scoped_actor self{speaker.home_system()};
  self->request(speaker, patience, std::move(question))
    .receive(
      [&](worker_finding& found) { result = std::move(found.objects); },
      [&](const caf::error& failed) { result = fail(from_caf(failed)); });
  return result;
}

} // namespace

caf::actor worker_contact::lock() const {
  const std::lock_guard lock{mutex_};
  return caf::actor_cast<caf::actor>(speaker_.lock());
}

expected<std::vector<held_object>> worker_contact::list() const {
  return ask(lock(), {.call = worker_call::list});
}

error worker_contact::remove(const std::string& id) const {
  const auto done = ask(lock(), {.call = worker_call::remove, .id = id});
  return done ? error{} : done.error();
}

void worker_contact::open(const caf::actor& speaker) {
  const std::lock_guard lock{mutex_};
  speaker_ = caf::actor_cast<caf::weak_actor_ptr>(speaker);
}

void worker_contact::close(const caf::actor_addr& speaker) {
  const std::lock_guard lock{mutex_};
  if (speaker_ == speaker)
    speaker_ = nullptr;
}

inventory inventory_of_worker(const reservation_type& type,
                              std::shared_ptr<worker_contact> contact) {
  return {
    .type = type,
    .list = [contact] { return contact->list(); },
    .remove
    = [contact](const held_object& what) { return contact->remove(what.id); }};
}

} // namespace provision
