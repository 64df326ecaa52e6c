#include "tests/backends/zdb_double/conversation.hpp"

#include <algorithm>
#include <cctype>

namespace provision::test {

namespace {

constexpr auto ok = "+OK\r\n";
constexpr auto forbidden = "-Permission denied\r\n";

std::string text(const std::string& value) {
  return '$' + std::to_string(value.size()) + "\r\n" + value + "\r\n";
}

std::string yes_or_no(bool is_so) {
  return is_so ? "yes" : "no";
}

} // namespace

std::string conversation::answer(const words& said) {
  if (said.empty())
    return "-Missing arguments\r\n";
  auto name = said[0];
  std::ranges::transform(name, name.begin(),
                         [](unsigned char c) { return std::toupper(c); });
  const auto count = said.size();
  if (name == "PING")
    return "+PONG\r\n";
  if (name == "AUTH" && count == 2)
    return authenticate(said);
  if (name == "SELECT" && count >= 2)
    return select(said);
  if (name == "NSLIST")
    return list();
  if (name == "NSINFO" && count == 2)
    return tell(said);
  if (name == "SET" && count == 3)
    return put(said);
  if (name == "GET" && count == 2)
    return get(said);
  if (name == "NSNEW" && count == 2)
    return is_admin_ ? make(said) : forbidden;
  if (name == "NSDEL" && count == 2)
    return is_admin_ ? remove(said) : forbidden;
  if (name == "NSSET" && count == 4)
    return is_admin_ ? set(said) : forbidden;
  return "-Command not supported\r\n";
}

std::string conversation::authenticate(const words& said) {
  if (options_.admin.empty())
    return "-Authentification disabled\r\n";
  if (said[1] != options_.admin)
    return "-Access denied\r\n";
  is_admin_ = true;
  return ok;
}

std::string conversation::select(const words& said) {
  const auto found = all_.all.find(said[1]);
  if (found == all_.all.end())
    return "-Namespace not found\r\n";
  const auto& password = found->second.password;
  const bool is_known
    = password.empty() || (said.size() > 2 && said[2] == password);
  if (!is_known && said.size() > 2)
    return "-Access denied\r\n";
  if (!is_known && !found->second.is_public)
    return "-Namespace protected and private\r\n";
  selected_ = said[1];
  may_write_ = is_known && (selected_ != "default" || !options_.is_protected);
  return ok;
}

std::string conversation::make(const words& said) {
  const auto& name = said[1];
  if (name.size() > 128 || name.find('/') != std::string::npos)
    return "-Invalid namespace name\r\n";
  if (!all_.all.try_emplace(name).second)
    return "-This namespace is not available\r\n";
  all_.save(name);
  return ok;
}

std::string conversation::remove(const words& said) {
  const auto& name = said[1];
  if (name == "default")
    return "-Cannot remove default namespace\r\n";
  if (!all_.all.contains(name))
    return "-This namespace doesn't exists\r\n";
  if (name == selected_)
    return "-Cannot remove namespace you're currently using\r\n";
  all_.all.erase(name);
  all_.save(name);
  return ok;
}

std::string conversation::set(const words& said) {
  const auto& name = said[1];
  const auto& property = said[2];
  const auto& value = said[3];
  if (value.size() > 63)
    return "-Argument too long\r\n";
  const auto found = all_.all.find(name);
  if (found == all_.all.end())
    return "-Namespace not found\r\n";
  if (property == "mode")
    return "-This server instance is configured to use a single runtime "
           "mode\r\n";
  if (name == "default")
    return "-Cannot update default namespace\r\n";
  if (property == "maxsize")
    found->second.size_max = std::stoull(value);
  else if (property == "password")
    found->second.password = value == "*" ? "" : value;
  else if (property == "public")
    found->second.is_public = value == "1";
  else
    return "-Invalid property\r\n";
  all_.save(name);
  return ok;
}

std::string conversation::tell(const words& said) const {
  const auto found = all_.all.find(said[1]);
  if (found == all_.all.end())
    return "-Namespace not found\r\n";
  const auto& what = found->second;
  return text("# namespace\nname: " + said[1]
              + "\nentries: " + std::to_string(what.pairs.size())
              + "\npublic: " + yes_or_no(what.is_public) + "\npassword: "
              + yes_or_no(!what.password.empty()) + "\ndata_size_bytes: "
              + std::to_string(what.used()) + "\ndata_limits_bytes: "
              + std::to_string(what.size_max) + "\nmode: "
              + (options_.mode == "user" ? "userkey" : "sequential") + '\n');
}

std::string conversation::list() const {
  auto result = '*' + std::to_string(all_.all.size()) + "\r\n";
  for (const auto& [name, what] : all_.all)
    result += text(name);
  return result;
}

std::string conversation::put(const words& said) {
  auto found = all_.all.find(selected_);
  if (found == all_.all.end())
    return "-Namespace not found\r\n";
  if (!may_write_)
    return "-Namespace is in read-only mode\r\n";
  auto& what = found->second;
  if (what.size_max != 0 && what.used() + said[2].size() > what.size_max)
    return "-No space left on this namespace\r\n";
  what.pairs[said[1]] = said[2];
  all_.save(selected_);
  return text(said[1]);
}

std::string conversation::get(const words& said) const {
  const auto found = all_.all.find(selected_);
  if (found == all_.all.end())
    return "-Namespace not found\r\n";
  const auto pair = found->second.pairs.find(said[1]);
  return pair == found->second.pairs.end() ? "$-1\r\n" : text(pair->second);
}

} // namespace provision::test
