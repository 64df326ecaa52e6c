#include "backends/host/oci_bundle.hpp"

#include <algorithm>

#include <sys/resource.h>

#include "messages/json/json.hpp"

namespace provision {

namespace {

constexpr std::string_view usual_mounts
  = R"({"destination":"/proc","type":"proc","source":"proc","options":["nosuid","noexec","nodev"]},)"
    R"({"destination":"/dev","type":"tmpfs","source":"tmpfs","options":["nosuid","strictatime","mode=755","size=65536k"]},)"
    R"({"destination":"/dev/pts","type":"devpts","source":"devpts","options":["nosuid","noexec","newinstance","ptmxmode=0666","mode=0620","gid=5"]},)"
    R"({"destination":"/dev/shm","type":"tmpfs","source":"shm","options":["nosuid","noexec","nodev","mode=1777","size=65536k"]},)"
    R"({"destination":"/dev/mqueue","type":"mqueue","source":"mqueue","options":["nosuid","noexec","nodev"]},)"
    // Sysfs shows the devices of the host; the container may not see them.
    R"({"destination":"/sys","type":"tmpfs","source":"tmpfs","options":["nosuid","noexec","nodev","ro","size=64k"]})";

constexpr std::string_view hidden_paths
  = R"("maskedPaths":["/proc/acpi","/proc/asound","/proc/kcore","/proc/keys","/proc/latency_stats","/proc/timer_list","/proc/timer_stats","/proc/sched_debug","/proc/scsi"],)"
    R"("readonlyPaths":["/proc/bus","/proc/fs","/proc/irq","/proc/sys","/proc/sysrq-trigger"])";

template <class List, class Write>
std::string listed(const List& list, Write write) {
  std::string text = "[";
  for (const auto& one : list)
    text += (text.size() == 1 ? "" : ",") + write(one);
  return text + ']';
}

std::string quoted_list(const std::vector<std::string>& texts) {
  return listed(texts, [](const std::string& one) { return json::quote(one); });
}

std::string numbers(const std::vector<std::uint32_t>& list) {
  return listed(list, [](std::uint32_t one) { return std::to_string(one); });
}

std::string capabilities() {
  const auto list = quoted_list(container_capabilities());
  return "{\"bounding\":" + list + ",\"effective\":" + list
         + ",\"permitted\":" + list + '}';
}

/// The daemon's own, if that is less: more needs a right of its own.
std::string open_files_limit() {
  constexpr rlim_t wanted = 65536;
  rlimit own = {};
  ::getrlimit(RLIMIT_NOFILE, &own);
  const auto most = std::to_string(std::min(own.rlim_max, wanted));
  const auto usual
    = std::to_string(std::min<rlim_t>(std::min(own.rlim_max, wanted), 1024));
  return "{\"type\":\"RLIMIT_NOFILE\",\"hard\":" + most + ",\"soft\":" + usual
         + '}';
}

std::string user_of(const oci_bundle& bundle) {
  return "{\"uid\":" + std::to_string(bundle.user)
         + ",\"gid\":" + std::to_string(bundle.group)
         + ",\"additionalGids\":" + numbers(bundle.more_groups) + '}';
}

std::string mounts_of(const oci_bundle& bundle) {
  std::string text = "[" + std::string{usual_mounts};
  for (const auto& one : bundle.folders)
    text += ",{\"destination\":" + json::quote(one.target)
            + ",\"type\":\"bind\",\"source\":" + json::quote(one.source)
            + R"(,"options":["rbind","rw","nosuid","nodev"]})";
  return text + ']';
}

std::string linux_of(const oci_bundle& bundle) {
  const auto range
    = "[{\"containerID\":0,\"hostID\":" + std::to_string(bundle.users.first)
      + ",\"size\":" + std::to_string(bundle.users.count) + "}]";
  const auto space = bundle.network_space.empty()
                       ? std::string{}
                       : ",\"path\":" + json::quote(bundle.network_space);
  return "{\"uidMappings\":" + range + ",\"gidMappings\":" + range
         + R"(,"namespaces":[{"type":"pid"},{"type":"ipc"},{"type":"uts"},)"
           R"({"type":"mount"},{"type":"user"},{"type":"cgroup"},)"
           R"({"type":"network")"
         + space + "}]," + std::string{hidden_paths}
         + ",\"seccomp\":" + bundle.seccomp + '}';
}

std::string_view name_of(std::string_view variable) {
  return variable.substr(0, variable.find('='));
}

void put(std::vector<secret>& into, const secret& variable) {
  const auto same = std::ranges::find_if(into, [&](const secret& one) {
    return name_of(one.reveal()) == name_of(variable.reveal());
  });
  if (same == into.end())
    into.push_back(variable);
  else
    *same = variable;
}

} // namespace

const std::vector<std::string>& container_capabilities() {
  static const std::vector<std::string> names{
    "CAP_CHOWN",   "CAP_DAC_OVERRIDE",     "CAP_FOWNER",    "CAP_FSETID",
    "CAP_KILL",    "CAP_NET_BIND_SERVICE", "CAP_SETFCAP",   "CAP_SETGID",
    "CAP_SETPCAP", "CAP_SETUID",           "CAP_SYS_CHROOT"};
  return names;
}

secret oci_configuration(const oci_bundle& bundle) {
  std::string text = R"({"ociVersion":"1.0.2","process":{"terminal":false,)";
  text += "\"user\":" + user_of(bundle)
          + ",\"args\":" + quoted_list(bundle.arguments) + ",\"env\":[";
  const auto* separator = "";
  for (const auto& one : bundle.environment) {
    auto quoted = json::quote(one.reveal());
    text += separator + quoted;
    wipe(quoted);
    separator = ",";
  }
  text += "],\"cwd\":" + json::quote(bundle.work_folder) + ",\"capabilities\":"
          + capabilities() + ",\"rlimits\":[" + open_files_limit()
          + "],\"noNewPrivileges\":true},\"root\":{\"path\":"
          + json::quote(bundle.root) + ",\"readonly\":false},\"hostname\":"
          + json::quote(bundle.hostname) + ",\"mounts\":" + mounts_of(bundle)
          + ",\"linux\":" + linux_of(bundle) + '}';
  return secret::absorb(text);
}

std::vector<secret> merged_environment(const std::vector<std::string>& earlier,
                                       const std::vector<secret>& later) {
  std::vector<secret> result;
  for (const auto& one : earlier)
    put(result, secret{one});
  for (const auto& one : later)
    put(result, one);
  return result;
}

} // namespace provision
