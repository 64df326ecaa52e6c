// What support needs to understand a node from afar, without its secrets.
#include <spawn.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <ostream>

#include "ctl/command_line.hpp"
#include "ctl/commands.hpp"
#include "ctl/redaction.hpp"
#include "messages/json/json.hpp"
#include "messages/whole_file.hpp"

extern char** environ;

namespace provision::ctl {

namespace {

namespace fs = std::filesystem;

constexpr const char* folder_name = "provisiond-bundle";

/// A folder for this user alone that is gone afterwards.
class scratch {
public:
  scratch() {
    auto name = (fs::temp_directory_path() / "provisiond-XXXXXX").string();
    if (::mkdtemp(name.data()))
      path_ = name;
  }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;
  ~scratch() {
    std::error_code ignored;
    if (!path_.empty())
      fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

private:
  fs::path path_ = {};
};

/// What is asked, and how its file is called. What customers sent, and the key
/// of the node, are not among it.
struct question {
  const char* file;
  const char* target;
};
constexpr question questions[] = {
  {"status.json", "/v1/status"},
  {"types.json", "/v1/types"},
  {"capacity.json", "/v1/capacity"},
  {"audit.json", "/v1/capacity/audit"},
  {"waiting.json", "/v1/waiting"},
  {"outbox.json", "/v1/outbox?limit=1000"},
  {"parked.json", "/v1/outbox?limit=1000&parked=true"},
  {"quarantine.json", "/v1/quarantine?limit=1000"},
  {"reservations.json", "/v1/reservations?limit=1000"},
  {"events.json", "/v1/events?limit=1000&last=1000"},
  {"log_level.json", "/v1/log"},
};

void put(const fs::path& folder, const char* name, const std::string& text) {
  std::ofstream{folder / name, std::ios::binary} << text;
}

std::string host_text() {
  utsname host{};
  ::uname(&host);
  std::string text = "provisionctl " PROVISION_VERSION "\n";
  for (const char* part :
       {host.sysname, host.release, host.version, host.machine})
    text.append(part).append("\n");
  return text;
}

int collect(const surroundings& here, const fs::path& folder) {
  for (auto& [file, target] : questions) {
    auto reply = here.client.get(target);
    if (!reply)
      return complain(here, reply.error());
    put(folder, file, redacted_json(reply->body));
  }
  for (auto& [file, target] : {question{"readyz.txt", "/readyz?verbose"},
                               question{"metrics.txt", "/metrics"}})
    if (auto reply = here.client.get(target))
      put(folder, file, redacted(reply->body));
  put(folder, "host.txt", host_text());
  return all_well;
}

error add_config(const fs::path& folder, const std::string& file) {
  const auto text = whole_file(file);
  if (!text)
    return text.error();
  put(folder, "provisiond.conf", redacted(*text));
  return {};
}

/// tar and gzip are on every Debian host.
error pack(const fs::path& parent, const std::string& file) {
  std::string place = parent.string();
  std::array<const char*, 7> words{
    "tar", "-czf", file.c_str(), "-C", place.c_str(), folder_name, nullptr};
  pid_t child = 0;
  if (int wrong
      = ::posix_spawnp(&child, "tar", nullptr, nullptr,
                       const_cast<char* const*>(words.data()), environ))
    return {errc::backend_failure,
            std::string{"tar cannot be run: "} + std::strerror(wrong)};
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return {errc::storage_failure, file + ": tar could not write it"};
  return {};
}

} // namespace

int bundle(const surroundings& here, const std::string& file,
           const std::string& config_file) {
  const scratch place;
  const auto folder = place.path() / folder_name;
  std::error_code wrong;
  if (place.path().empty() || !fs::create_directory(folder, wrong))
    return complain(here, error{errc::storage_failure,
                                "no folder for temporary files can be made"});
  if (auto code = collect(here, folder); code != all_well)
    return code;
  if (!config_file.empty())
    if (auto failure = add_config(folder, config_file))
      return complain(here, failure);
  if (auto failure = pack(place.path(), file))
    return complain(here, failure);
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write, wrong);
  if (here.to.as_json)
    here.to.out << "{\"bundle\":" << json::quote(file) << "}\n";
  else
    here.to.out << file << '\n';
  return all_well;
}

} // namespace provision::ctl
