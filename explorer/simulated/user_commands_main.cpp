#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "explorer/http/beast_transport.hpp"
#include "explorer/simulated/customer.hpp"
#include "explorer/simulated/loading.hpp"
#include "explorer/simulated/user_commands.hpp"
#include "identity/key_file.hpp"
#include "identity/secret_box.hpp"
#include "identity/sodium/sodium_entropy.hpp"
#include "messages/hex.hpp"
#include "messages/json/json.hpp"
#include "messages/whole_file.hpp"

namespace provision::simulated {

namespace {

/// What the commands are told.
struct command_settings {
  std::string url = "http://127.0.0.1:8080";
  std::string key_file = {};
  std::string name = {};
  std::string email = {};
  std::string node_id = {};
  std::vector<std::string> files = {};
  std::vector<std::int64_t> ids = {};
  bool as_json = false;
};

expected<std::shared_ptr<http_transport>>
connect(const command_settings& told) {
  return make_http_transport({.url = told.url, .connections = 1});
}

expected<customer> act_as(const command_settings& told,
                          expected<node_key> key) {
  if (!key)
    return fail(key.error());
  auto transport = connect(told);
  if (!transport)
    return fail(transport.error());
  return customer{std::move(*transport), std::move(*key),
                  std::make_shared<system_clock>()};
}

error create_user(const command_settings& told) {
  sodium_entropy random;
  auto self = act_as(told, load_or_create_key_file(told.key_file, random));
  if (!self)
    return self.error();
  auto known = self->find_self();
  if (!known && known.error().code == errc::unknown_user)
    known = self->enter(told.name, told.email);
  if (!known)
    return known.error();
  if (told.as_json)
    std::cout << write(*known) << '\n';
  else
    std::cout << "user " << known->id << " is " << known->name << '\n';
  return {};
}

error submit_file(customer& self, const command_settings& told,
                  const std::string& path) {
  auto text = whole_file(path);
  if (!text)
    return text.error();
  auto documents = split_documents(*text);
  if (!documents)
    return {documents.error().code, path + ": " + documents.error().message};
  for (const auto& each : *documents) {
    auto w = json::read_document(each);
    if (!w)
      return {w.error().code, path + ": " + w.error().message};
    if (!told.node_id.empty())
      w->node_id = told.node_id;
    auto id = self.submit(*w);
    if (!id)
      return id.error();
    if (told.as_json)
      std::cout << "{\"reservation_id\":" << *id << "}\n";
    else
      std::cout << "reservation " << *id << '-'
                << (w->workload_id == 0 ? 1 : w->workload_id) << '\n';
  }
  return {};
}

error submit(const command_settings& told) {
  auto self = act_as(told, load_key_file(told.key_file));
  if (!self)
    return self.error();
  for (const auto& each : told.files)
    if (auto failure = submit_file(*self, told, each))
      return failure;
  return {};
}

error remove(const command_settings& told) {
  auto self = act_as(told, load_key_file(told.key_file));
  if (!self)
    return self.error();
  for (auto id : told.ids) {
    if (auto failure = self->remove(id))
      return failure;
    if (!told.as_json)
      std::cout << "signed for the deletion of " << id << '\n';
  }
  return {};
}

error list(const command_settings& told) {
  auto transport = connect(told);
  if (!transport)
    return transport.error();
  auto lines = list_workloads(**transport);
  if (!lines)
    return lines.error();
  std::cout << (told.as_json ? json_of(*lines) + "\n" : table_of(*lines));
  return {};
}

/// For fields that only one node may read, such as a tunnel's private key.
error seal(const command_settings& told) {
  const auto receiver = public_key_of_node_id(told.node_id);
  if (!receiver)
    return receiver.error();
  std::string text;
  std::getline(std::cin, text);
  sodium_entropy random;
  const auto box = secret_box::seal(text, *receiver, random);
  wipe(text);
  if (!box)
    return box.error();
  std::cout << hex::encode(*box) << '\n';
  return {};
}

using command = error (*)(const command_settings&);

/// A command with the options that all of them share.
CLI::App* add_command(CLI::App& parent, const std::string& name,
                      const std::string& text, command run,
                      std::shared_ptr<command_settings> told, error& failure) {
  auto* made = parent.add_subcommand(name, text);
  made->add_option("--url", told->url, "Where the explorer is")
    ->capture_default_str();
  made->add_flag("--json", told->as_json, "Print JSON");
  made->callback([run, told, &failure] { failure = run(*told); });
  return made;
}

} // namespace

void add_user_commands(CLI::App& program, error& failure) {
  auto told = std::make_shared<command_settings>();
  auto* user = program.add_subcommand("user", "Users of an explorer");
  user->require_subcommand(1);
  auto* create = add_command(*user, "create",
                             "Enter a user into the phonebook; safe to repeat",
                             create_user, told, failure);
  create->add_option("--name", told->name, "Lower case, 3 bytes at least")
    ->required();
  create->add_option("--email", told->email, "Lower case");
  create
    ->add_option("--seed-file,--key", told->key_file,
                 "Key file; made if there is none")
    ->required();
  auto* post = add_command(program, "submit",
                           "Sign documents as their customer and post them",
                           submit, told, failure);
  post->add_option("--node", told->node_id,
                   "Node id that replaces the one in the documents");
  post->add_option("FILE", told->files, "JSON or JSONL")->required();
  auto* erase
    = add_command(program, "delete", "Sign for the deletion of workloads",
                  remove, told, failure);
  erase->add_option("ID", told->ids, "Reservation numbers")->required();
  for (auto* each : {post, erase})
    each->add_option("--key", told->key_file, "The customer's key file")
      ->required();
  auto* close = add_command(program, "seal",
                            "Close a line of standard input for one node", seal,
                            told, failure);
  close->add_option("--node", told->node_id, "The node's id")->required();
  add_command(program, "list", "Show what an explorer holds", list, told,
              failure);
}

} // namespace provision::simulated
