#include "daemon/workload_site.hpp"

#include <charconv>
#include <filesystem>
#include <future>
#include <string>
#include <utility>
#include <vector>

#include "identity/secret_box.hpp"

namespace provision {

namespace {

expected<std::string> key_of_user(const std::string& user_id,
                                  key_directory* keys) {
  if (!keys)
    return fail(errc::explorer_unreachable,
                "there is no explorer to ask for the user's key");
  std::int64_t user = 0;
  std::from_chars(user_id.data(), user_id.data() + user_id.size(), user);
  // Shared: who asked may be given up before the answer comes.
  auto found = std::make_shared<std::promise<expected<std::string>>>();
  auto answer = found->get_future();
  keys->find_user_key(user, [found](expected<std::string> key) {
    found->set_value(std::move(key));
  });
  return answer.get();
}

} // namespace

std::function<expected<secret>(const reservation&, std::string_view)>
opener_of_secrets(const node_key& key, std::shared_ptr<key_directory> keys) {
  return [key, keys](const reservation& r,
                     std::string_view sealed) -> expected<secret> {
    if (r.version == 0 || sealed.empty())
      return secret_box::decrypt_text(r.version, sealed, key, {});
    const auto user_key = key_of_user(r.user_id, keys.get());
    if (!user_key)
      return fail(user_key.error());
    return secret_box::decrypt_text(r.version, sealed, key, *user_key);
  };
}

inventory unseen(reservation_type type, std::string folder) {
  return {
    .type = std::move(type),
    .list = [folder]() -> expected<std::vector<held_object>> {
      std::error_code failure;
      if (!std::filesystem::exists(folder, failure) && !failure)
        return std::vector<held_object>{};
      if (!std::filesystem::is_empty(folder, failure) || failure)
        return fail(errc::host_unavailable,
                    folder + " holds some that cannot be looked at now");
      return std::vector<held_object>{};
    },
    .remove =
      [](const held_object& what) {
        return error{errc::host_unavailable, what.id + " cannot be looked at"};
      }};
}

} // namespace provision
