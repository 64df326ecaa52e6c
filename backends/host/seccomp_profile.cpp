#include "backends/host/seccomp_profile.hpp"

#include <algorithm>
#include <array>

#include <sys/utsname.h>

#include <simdjson.h>

namespace provision {

namespace {

using simdjson::dom::array;
using simdjson::dom::element;

/// How the machine is called by the kernel, in profiles and in rules.
struct machine {
  std::string_view kernel;
  std::string_view profile;
  std::string_view rules;
};

constexpr std::array machines{
  machine{"x86_64", "amd64",
          R"("SCMP_ARCH_X86_64","SCMP_ARCH_X86","SCMP_ARCH_X32")"},
  machine{"aarch64", "arm64", R"("SCMP_ARCH_AARCH64","SCMP_ARCH_ARM")"},
  machine{"riscv64", "riscv64", R"("SCMP_ARCH_RISCV64")"},
  machine{"ppc64le", "ppc64le", R"("SCMP_ARCH_PPC64LE")"}};

/// What the profile grants although only a container in a container, a debugger
/// of the kernel or an attacker needs it: new namespaces and mounts, keys that
/// belong to no namespace, handles that reach around mounts. clone3 hides its
/// flags behind a pointer, so it is answered as by an old kernel. ioctl is
/// granted again by ioctl_rules().
constexpr std::array denied{"unshare",
                            "setns",
                            "mount",
                            "umount",
                            "umount2",
                            "pivot_root",
                            "fsopen",
                            "fsconfig",
                            "fsmount",
                            "fspick",
                            "move_mount",
                            "open_tree",
                            "mount_setattr",
                            "keyctl",
                            "add_key",
                            "request_key",
                            "reboot",
                            "syslog",
                            "name_to_handle_at",
                            "clone",
                            "clone3",
                            "ioctl"};

/// clone without the flags that make namespaces.
constexpr std::string_view own_rules
  = R"({"names":["clone"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":2114060288,"valueTwo":0,"op":"SCMP_CMP_MASKED_EQ"}]})";

/// Requests of btrfs with this kind, size and direction: its subvolumes and
/// snapshots (0x5000940e, 0x50009401, 0x50009417, 0x50009418), and whole-disk
/// operations that no container may do anyway.
constexpr std::uint32_t btrfs_requests = 0x50009400;
constexpr unsigned btrfs_request_bits = 8;

/// `action`: JSON, with what belongs to it.
std::string rule_on_request(std::string_view action, std::uint32_t mask,
                            std::uint32_t value) {
  return R"({"names":["ioctl"],"action":)" + std::string{action}
         + R"(,"args":[{"index":1,"value":)" + std::to_string(mask)
         + R"(,"valueTwo":)" + std::to_string(value)
         + R"(,"op":"SCMP_CMP_MASKED_EQ"}]})";
}

/// Every ioctl but btrfs_requests. Whoever may write into a volume could make a
/// subvolume there and place it by itself into no quota group, or into that of
/// another volume, whatever kind of quotas is on: what it holds would then not
/// count here.
///
/// A filter knows no "all but these", and a rule without a condition wins over
/// those that have one. So what differs from btrfs_requests is told by the
/// first bit in which it does. Only 32 bits count, because the kernel looks at
/// no more of them: a request with a higher bit set is the same request.
std::string ioctl_rules() {
  constexpr auto all = ~std::uint32_t{0};
  auto text = rule_on_request(R"("SCMP_ACT_ERRNO","errnoRet":1)",
                              all << btrfs_request_bits, btrfs_requests);
  for (unsigned bit = btrfs_request_bits; bit < 32; ++bit) {
    const auto other = btrfs_requests ^ (std::uint32_t{1} << bit);
    const auto mask = all << bit;
    text += ',' + rule_on_request(R"("SCMP_ACT_ALLOW")", mask, other & mask);
  }
  return text;
}

const machine* this_machine() {
  utsname name = {};
  ::uname(&name);
  const auto found = std::ranges::find(machines, std::string_view{name.machine},
                                       &machine::kernel);
  return found == machines.end() ? nullptr : &*found;
}

/// Whether `list` holds a text that `is_one` of; false for no list.
template <class Predicate>
bool any(const element& object, std::string_view key, Predicate is_one) {
  array list;
  if (object[key].get(list))
    return false;
  for (const element one : list) {
    std::string_view text;
    if (!one.get(text) && is_one(text))
      return true;
  }
  return false;
}

/// Whether a rule is meant for this machine and these capabilities.
bool applies(const element& rule, const machine& here,
             const std::vector<std::string>& capabilities) {
  const auto lacks = [&](std::string_view name) {
    return std::ranges::find(capabilities, name) == capabilities.end();
  };
  const auto is_here
    = [&](std::string_view name) { return name == here.profile; };
  const auto is_elsewhere
    = [&](std::string_view name) { return name != here.profile; };
  element when;
  if (!rule["includes"].get(when)
      && (any(when, "caps", lacks)
          || (any(when, "arches", is_elsewhere)
              && !any(when, "arches", is_here))))
    return false;
  return rule["excludes"].get(when) || (!any(when, "caps", [&](auto name) {
           return !lacks(name);
         }) && !any(when, "arches", is_here));
}

/// Names of a rule, without what is denied if it allows; "[]" if none is left.
std::string names_of(const element& rule) {
  std::string_view action;
  array names;
  if (rule["action"].get(action) || rule["names"].get(names))
    return "[]";
  std::string text = "[";
  for (const element one : names) {
    std::string_view name;
    if (one.get(name)
        || (action == "SCMP_ACT_ALLOW"
            && std::ranges::find(denied, name) != denied.end()))
      continue;
    text += (text.size() == 1 ? "" : ",") + simdjson::minify(one);
  }
  return text + ']';
}

/// With the members that both forms have.
std::string copied(const element& rule, const std::string& names) {
  auto text = "{\"names\":" + names;
  for (const auto* key : {"action", "errnoRet", "args"}) {
    element value;
    if (!rule[key].get(value) && !value.is_null())
      text += ",\"" + std::string{key} + "\":" + simdjson::minify(value);
  }
  return text + '}';
}

/// Every denied call but those with rules of their own: it is not permitted.
std::string denials() {
  std::string text = R"({"names":[)";
  const auto* separator = "";
  for (const std::string_view name : denied)
    if (!name.starts_with("clone") && name != "ioctl") {
      text += separator;
      text += '"';
      text += name;
      text += '"';
      separator = ",";
    }
  return text + R"(],"action":"SCMP_ACT_ERRNO","errnoRet":1})";
}

tl::unexpected<error> no_profile() {
  return fail(errc::backend_failure,
              std::string{common_seccomp_profile}
                + " is no seccomp profile; install the package "
                  "golang-github-containers-common");
}

} // namespace

expected<std::string>
seccomp_rules(std::string_view profile,
              const std::vector<std::string>& capabilities) {
  const auto* here = this_machine();
  if (here == nullptr)
    return fail(errc::backend_failure,
                "no seccomp rules are known for this machine");
  simdjson::dom::parser parser;
  element root;
  array rules;
  std::string_view action;
  if (parser.parse(profile.data(), profile.size()).get(root)
      || root["syscalls"].get(rules) || root["defaultAction"].get(action)
      || action == "SCMP_ACT_ALLOW")
    return no_profile();
  std::uint64_t answer = 0;
  std::string result = "{\"defaultAction\":\"" + std::string{action} + '"';
  if (!root["defaultErrnoRet"].get(answer))
    result += ",\"defaultErrnoRet\":" + std::to_string(answer);
  result
    += ",\"architectures\":[" + std::string{here->rules} + "],\"syscalls\":[";
  result += denials() + ',';
  result += own_rules;
  result += ',' + ioctl_rules();
  for (const element rule : rules)
    if (const auto names = names_of(rule);
        names != "[]" && applies(rule, *here, capabilities))
      result += ',' + copied(rule, names);
  return result + "]}";
}

} // namespace provision
