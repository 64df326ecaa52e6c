#include "actors/workers/daemon_line.hpp"

#include <utility>

namespace provision {

expected<secret> daemon_line::open_secret(const reservation& r,
                                          std::string_view sealed) {
  return ask({.need = worker_need::secret,
              .id = r.id,
              .text = std::string{sealed}})
    .map([](std::string opened) { return secret::absorb(opened); });
}

expected<secret> daemon_line::open_network_key(std::string_view sealed) {
  return ask({.need = worker_need::network_key, .text = std::string{sealed}})
    .map([](std::string opened) { return secret::absorb(opened); });
}

expected<std::string> daemon_line::owner(const reservation_type& type,
                                         const std::string& id) {
  return ask({.need = worker_need::owner, .id = id, .text = type.name});
}

void daemon_line::connect(std::function<void(worker_question)> carry) {
  const std::lock_guard lock{mutex_};
  carry_ = std::move(carry);
}

expected<std::string> daemon_line::ask(worker_question what) {
  std::future<expected<std::string>> answer;
  {
    const std::lock_guard lock{mutex_};
    if (!carry_)
      return fail(errc::host_busy, "the daemon cannot be asked yet");
    what.number = ++questions_;
    answer = asked_[what.number].get_future();
    carry_(std::move(what));
  }
  // Without a daemon there is no worker: its end ends this one.
  return answer.get();
}

bool daemon_line::deliver(worker_reply& reply) {
  const std::lock_guard lock{mutex_};
  const auto found = asked_.find(reply.number);
  if (found == asked_.end())
    return false;
  if (reply.failed)
    found->second.set_value(fail(reply.failed.read()));
  else
    found->second.set_value(std::move(reply.text));
  asked_.erase(found);
  return true;
}

} // namespace provision
