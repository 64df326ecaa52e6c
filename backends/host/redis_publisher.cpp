#include "backends/host/redis_publisher.hpp"

#include <utility>

namespace provision {

namespace {

/// What a server refuses with may repeat what it was sent: only its first word
/// is told, which names the kind, such as NOAUTH.
std::string kind_of(const resp_answer& refusal) {
  return refusal.text.substr(0, refusal.text.find(' '));
}

} // namespace

redis_publisher::redis_publisher(redis_publisher_options options)
  : options_{std::move(options)} {
}

error redis_publisher::publish(const std::vector<std::string>& texts) {
  auto failed = connect();
  if (!failed)
    failed = deliver(texts);
  if (failed)
    client_.reset();
  return failed;
}

error redis_publisher::connect() {
  if (client_)
    return {};
  const auto& to = options_.to;
  if (!options_.may_reach(to.host))
    return {errc::invalid_reservation,
            workloads::to_string(to.host) + " is none that output is sent to"};
  auto made = resp_client::connect(
    to.host, to.port,
    {.patience = options_.patience, .interruption = options_.interruption});
  if (!made)
    return made.error();
  const auto pong = made->ask(resp_command{"PING"});
  if (!pong)
    return pong.error();
  using kind = resp_answer::kind;
  if (!(pong->is == kind::text && pong->text == "PONG")
      && !(pong->is == kind::refusal && kind_of(*pong) == "NOAUTH"))
    return {errc::backend_failure, "what answers there is no redis server"};
  if (!to.password.empty()) {
    auto words = resp_command{"AUTH", to.user, to.password.reveal()};
    if (to.user.empty())
      words.erase(words.begin() + 1);
    const auto let_in = made->ask(words);
    if (!let_in)
      return let_in.error();
    if (let_in->is == kind::refusal)
      return {errc::backend_failure, "the server refuses the password"};
  }
  client_ = std::move(*made);
  return {};
}

error redis_publisher::deliver(const std::vector<std::string>& texts) {
  std::vector<resp_command> commands;
  for (const auto& text : texts)
    commands.push_back({"PUBLISH", options_.to.channel, text});
  const auto answers = client_->ask(commands);
  if (!answers)
    return answers.error();
  for (const auto& one : *answers)
    if (one.is == resp_answer::kind::refusal)
      return {errc::backend_failure, "the server refuses lines"};
  return {};
}

} // namespace provision
