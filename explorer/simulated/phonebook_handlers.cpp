#include <algorithm>
#include <cctype>

#include "explorer/simulated/handlers.hpp"
#include "explorer/simulated/object_reader.hpp"
#include "identity/ed25519.hpp"
#include "identity/http_signature.hpp"
#include "messages/hex.hpp"

namespace provision::simulated {

namespace {

bool is_lower(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](unsigned char c) { return std::isupper(c) != 0; });
}

/// A user as strangers see it.
user hide_email(user who) {
  who.email.clear();
  return who;
}

expected<std::int64_t> read_user_id(const call& c) {
  auto id = parse_integer(c.variables[0]);
  if (!id)
    return fail(errc::malformed_input,
                "invalid id format: " + id.error().message);
  return id;
}

/// What keeps the update of `current` from happening.
error check_update(const user& current, const user& update,
                   const std::string& hex_signature) {
  auto bad = [](std::string why) {
    return error{errc::explorer_refused,
                 std::move(why) + ": bad data during user update", 400};
  };
  if (!update.pubkey.empty() && update.pubkey != current.pubkey)
    return bad("can not update public key");
  if (!update.name.empty() && update.name != current.name)
    return bad("can not update name");
  if (check_signature(current, hex_signature, update_text(update)))
    return bad("payload verification failed");
  return {};
}

} // namespace

bool is_user(const explorer_state& state, const call& c) {
  auto find_key = [&](std::string_view id) { return find_user_key(state, id); };
  return verify_http_request(head_of(c.request), find_key,
                             from_unix(state.now()))
    .has_value();
}

expected<std::string> find_user_key(const explorer_state& state,
                                    std::string_view id) {
  auto tid = parse_integer(id);
  const auto* who = tid ? state.all.users.find(*tid) : nullptr;
  if (!who)
    return fail(errc::unknown_user, "no user " + std::string{id});
  // A key of the wrong size is refused by whoever uses it.
  return hex::decode(who->pubkey).value_or(std::string{});
}

response create_user(explorer_state& state, const call& c) {
  auto read = read_user(c.request.body);
  if (!read)
    return refuse(400, read.error().message);
  if (!is_lower(read->name))
    return refuse(400, "name should be all lower case");
  if (!is_lower(read->email))
    return refuse(400, "email should be all lower case");
  if (read->name.size() < 3)
    return refuse(400, "name should be at least 3 character");
  if (auto key = key_of(*read); !key)
    return refuse(500, "invalid public key " + read->pubkey + ": "
                         + key.error().message);
  if (state.all.users.has(read->name, read->email))
    return refuse(409, "user with same name or email exists");
  user made;
  made.id = state.all.users.next_id();
  made.name = std::move(read->name);
  made.email = std::move(read->email);
  made.pubkey = std::move(read->pubkey);
  state.make(user_stored{made});
  return answer(201, write(made));
}

response list_users(explorer_state& state, const call& c) {
  auto name = c.parameter("name");
  auto email = c.parameter("email");
  std::vector<const user*> matching;
  for (const auto& [id, who] : state.all.users.all())
    if ((name.empty() || who.name == name)
        && (email.empty() || who.email == email))
      matching.push_back(&who);
  auto part = read_page(c, matching.size());
  bool shows_email = is_user(state, c);
  std::vector<std::string> texts;
  for (auto i = part.first; i < part.end; ++i)
    texts.push_back(
      write(shows_email ? *matching[i] : hide_email(*matching[i])));
  return answer_page(texts, part.pages);
}

response find_user(explorer_state& state, const call& c) {
  auto id = read_user_id(c);
  if (!id)
    return refuse(400, id.error().message);
  const auto* who = state.all.users.find(*id);
  if (!who || c.fault.is_forgotten)
    return refuse(404, no_documents);
  return answer(200, write(is_user(state, c) ? *who : hide_email(*who)));
}

response update_user(explorer_state& state, const call& c) {
  auto id = read_user_id(c);
  if (!id)
    return refuse(400, "invalid user id: " + id.error().message);
  auto update = read_user(c.request.body);
  if (!update)
    return refuse(400, update.error().message);
  std::string signature;
  auto reader = object_reader::parse(c.request.body);
  reader->read("sender_signature_hex", signature);
  if (signature.empty())
    return refuse(400, "signature is required");
  if (auto broken = check_hex(signature))
    return refuse(400, "invalid signature hex: " + broken.message);
  const auto* current = state.all.users.find(*id);
  if (!current)
    return refuse(500, "user not found");
  update->id = *id;
  if (auto wrong = check_update(*current, *update, signature))
    return refuse(wrong.detail, wrong.message);
  auto changed = *current;
  for (auto field : {&user::email, &user::description, &user::host})
    if (!((*update).*field).empty())
      changed.*field = (*update).*field;
  state.make(user_stored{std::move(changed)});
  return done();
}

response validate_user(explorer_state& state, const call& c) {
  auto id = read_user_id(c);
  if (!id)
    return refuse(400, id.error().message);
  auto reader = object_reader::parse(c.request.body);
  if (!reader)
    return refuse(400, reader.error().message);
  std::string payload;
  std::string signature;
  reader->read("payload", payload);
  reader->read("signature", signature);
  if (auto broken = reader->failure())
    return refuse(400, broken.message);
  if (auto broken = check_hex(payload))
    return refuse(400, "payload must be hex encoded string of original data: "
                         + broken.message);
  if (auto broken = check_hex(signature))
    return refuse(400, "signature must be hex encoded string of original "
                       "data: "
                         + broken.message);
  const auto* who = state.all.users.find(*id);
  if (!who)
    return refuse(404, no_documents);
  auto key = key_of(*who);
  if (!key)
    return refuse(500, key.error().message);
  bool is_valid
    = ed25519::matches(*hex::decode(signature), *hex::decode(payload), *key);
  return answer(200, is_valid ? "{\"is_valid\":true}" : "{\"is_valid\":false}");
}

} // namespace provision::simulated
