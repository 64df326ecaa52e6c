#include "explorer/simulated/user.hpp"

#include <algorithm>

#include "explorer/simulated/object_reader.hpp"
#include "messages/json/json.hpp"

namespace provision::simulated {

expected<user> read_user(std::string_view json) {
  auto reader = object_reader::parse(json);
  if (!reader)
    return fail(reader.error());
  user who;
  reader->read("id", who.id);
  reader->read("name", who.name);
  reader->read("email", who.email);
  reader->read("pubkey", who.pubkey);
  reader->read("host", who.host);
  reader->read("description", who.description);
  if (auto broken = reader->failure())
    return fail(broken);
  return who;
}

std::string write(const user& who) {
  return "{\"id\":" + std::to_string(who.id) + ",\"name\":"
         + json::quote(who.name) + ",\"email\":" + json::quote(who.email)
         + ",\"pubkey\":" + json::quote(who.pubkey)
         + ",\"host\":" + json::quote(who.host)
         + ",\"description\":" + json::quote(who.description) + "}";
}

std::string update_text(const user& who) {
  return std::to_string(who.id) + who.name + who.email + who.host
         + who.description + who.pubkey;
}

const user* phonebook::find(std::int64_t id) const {
  auto found = id == 0 ? users_.begin() : users_.find(id);
  return found == users_.end() ? nullptr : &found->second;
}

bool phonebook::has(std::string_view name, std::string_view email) const {
  return std::any_of(users_.begin(), users_.end(), [&](const auto& entry) {
    const auto& who = entry.second;
    return who.name == name || (!email.empty() && who.email == email);
  });
}

void phonebook::put(user who) {
  auto id = who.id;
  users_[id] = std::move(who);
}

std::int64_t phonebook::next_id() const noexcept {
  return users_.empty() ? 1 : users_.rbegin()->first + 1;
}

} // namespace provision::simulated
