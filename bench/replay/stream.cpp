#include "bench/replay/stream.hpp"

#include <fstream>
#include <unordered_map>

#include "actors/sources/replay_source.hpp"
#include "bench/replay/generator.hpp"
#include "explorer/simulated/user.hpp"
#include "messages/hex.hpp"
#include "messages/json/json.hpp"

namespace provision::bench {

namespace {

class known_users final : public key_directory {
public:
  void add(std::int64_t tid, std::string key) { keys_[tid] = std::move(key); }

  void find_user_key(std::int64_t tid,
                     std::function<void(expected<std::string>)> done) override {
    if (auto known = key_at_hand(tid))
      return done(std::move(*known));
    done(
      fail(errc::unknown_user, "user " + std::to_string(tid) + " is unknown"));
  }

  std::optional<std::string> key_at_hand(std::int64_t tid) override {
    auto known = keys_.find(tid);
    return known == keys_.end() ? std::nullopt : std::optional{known->second};
  }

private:
  std::unordered_map<std::int64_t, std::string> keys_ = {};
};

error write_users(const std::string& path) {
  std::ofstream file{path};
  for (std::int64_t i = 0; i < customer_count; ++i) {
    auto tid = first_customer + i;
    file << simulated::write(
      {.id = tid,
       .name = "customer" + std::to_string(tid),
       .email = "customer" + std::to_string(tid) + "@example.org",
       .pubkey = hex::encode(customer_key(tid).public_key())})
         << '\n';
  }
  file.close();
  if (!file)
    return {errc::storage_failure, path + ": cannot be written"};
  return {};
}

expected<stream> generate(const replay_options& told,
                          const std::string& folder) {
  auto mix = read_mix(told.mix);
  if (!mix)
    return fail(mix.error());
  stream made{.file = folder + "/stream.jsonl",
              .users_file = folder + "/users.jsonl",
              .node_id = measured_node().node_id(),
              .count = told.count};
  generator source{
    {.seed = told.seed, .mix = std::move(*mix), .node_id = made.node_id}};
  std::ofstream file{made.file};
  for (std::uint64_t i = 0; i < told.count; ++i)
    file << json::write(source.next()) << '\n';
  file.close();
  if (!file)
    return fail(errc::storage_failure, made.file + ": cannot be written");
  if (auto failure = write_users(made.users_file))
    return fail(std::move(failure));
  return made;
}

/// A given stream is for the node that its first line names.
expected<stream> look_at(const replay_options& told) {
  stream given{.file = told.stream, .users_file = told.users};
  std::ifstream lines{given.file};
  if (!lines)
    return fail(errc::invalid_configuration,
                "--stream: " + given.file + " cannot be read");
  std::string line;
  while (std::getline(lines, line)) {
    if (line.find_first_not_of(" \t\r") == line.npos || is_recording_mark(line))
      continue;
    ++given.count;
    if (!given.node_id.empty())
      continue;
    if (guess_form(line) == text_form::document) {
      if (auto document = json::read_document(line))
        given.node_id = document->node_id;
    } else if (auto what = json::read_reservation(line)) {
      given.node_id = what->node_id;
    }
  }
  if (given.node_id.empty())
    return fail(errc::invalid_configuration,
                "--stream: " + given.file + " names no node");
  return given;
}

} // namespace

expected<stream> prepare_stream(const replay_options& told,
                                const std::string& folder) {
  return told.stream.empty() ? generate(told, folder) : look_at(told);
}

expected<std::shared_ptr<key_directory>>
open_users(const std::string& users_file) {
  auto users = std::make_shared<known_users>();
  std::ifstream lines{users_file};
  std::string line;
  while (std::getline(lines, line)) {
    auto who = simulated::read_user(line);
    if (!who)
      return fail(who.error());
    auto key = hex::decode(who->pubkey);
    if (!key)
      return fail(key.error());
    users->add(who->id, std::move(*key));
  }
  return users;
}

} // namespace provision::bench
