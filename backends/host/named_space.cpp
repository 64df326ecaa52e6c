#include "backends/host/named_space.hpp"

#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include "backends/host/command.hpp"
#include "backends/host/file_descriptor.hpp"
#include "backends/host/net_space.hpp"

namespace provision::named_space {

namespace {

error cannot_be_seen(const std::string& name) {
  return {errc::host_unavailable, "namespace " + name + " cannot be looked at"};
}

} // namespace

error make(const network_tools& tools, const std::string& name,
           const step_hook& before_step) {
  switch (net_space::look(name)) {
  case presence::present:
    return {};
  case presence::absent:
    break;
  case presence::partial:
    if (auto failed = remove(tools, name, before_step))
      return failed;
    break;
  default:
    return cannot_be_seen(name);
  }
  if (auto stopped = pass(before_step, "make namespace"))
    return stopped;
  const auto made
    = run({.program = tools.ip, .arguments = {"netns", "add", name}});
  return made ? error{} : made.error();
}

error remove(const network_tools& tools, const std::string& name,
             const step_hook& before_step) {
  const auto there = net_space::look(name);
  if (there == presence::absent)
    return {};
  if (there == presence::unknown)
    return cannot_be_seen(name);
  if (auto stopped = pass(before_step, "remove namespace"))
    return stopped;
  const auto removed
    = run({.program = tools.ip, .arguments = {"netns", "delete", name}});
  return removed ? error{} : removed.error();
}

error set_switch(const std::string& name, std::string_view value) {
  const auto path = "/proc/sys/net/" + name;
  const file_descriptor file{::open(path.c_str(), O_WRONLY | O_CLOEXEC)};
  if (!file && errno == ENOENT && name.starts_with("ipv6/"))
    return {};
  if (!file || ::write(file.number(), value.data(), value.size()) < 0)
    return last_system_error("write " + path);
  return {};
}

} // namespace provision::named_space
