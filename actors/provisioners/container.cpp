#include "actors/provisioners/container.hpp"

#include <filesystem>
#include <limits>
#include <string>

#include "actors/provisioners/entrypoint.hpp"
#include "actors/provisioners/refusal.hpp"
#include "logging/log.hpp"
#include "messages/byte_units.hpp"
#include "messages/json/json.hpp"

namespace provision {

namespace {

/// The original's smallest container.
constexpr std::uint64_t memory_mib_min = 1024;
/// Where the reservation does not say, as the original has it.
constexpr std::uint64_t usual_disk_mib = 256;
constexpr std::uint64_t cpus_max = 4096;
/// Each keeps a thread and a connection.
constexpr std::size_t outputs_max = 8;
/// Each is measured and sent for itself.
constexpr std::size_t statistics_max = 2;

bool fits(std::uint64_t mebibytes) {
  return mebibytes <= std::numeric_limits<std::uint64_t>::max() / mib;
}

/// The first rule that is broken, in the original's order; then what a plain
/// host cannot give.
std::string broken_rule(const workloads::container& wanted) {
  const auto& network = wanted.network;
  if (network.network_id.empty())
    return "network.network_id: must not be empty";
  if (!network.ips || network.ips->empty())
    return "network.ips: at least one address is needed";
  if (wanted.flist.empty())
    return "flist: must not be empty";
  if (wanted.capacity.memory < memory_mib_min || !fits(wanted.capacity.memory))
    return "capacity.memory: must be at least 1024 MiB";
  if (wanted.capacity.cpu == 0 || wanted.capacity.cpu > cpus_max)
    return "capacity.cpu: must be at least 1";
  if (!fits(wanted.capacity.disk_size))
    return "capacity.disk_size: is more than any disk has";
  if (network.public_ip6)
    return "network.public_ip6: this node has no public addresses for "
           "containers";
  if (network.yggdrasil_ip)
    return "network.yggdrasil_ip: this node is not part of that network";
  if (wanted.interactive)
    return "interactive: this node has no terminal for containers";
  return {};
}

/// Below the container's root, however many ".." it has; "/" for the root.
std::string clean_target(const std::string& mountpoint) {
  auto path
    = (std::filesystem::path{"/"} / mountpoint).lexically_normal().string();
  while (path.size() > 1 && path.ends_with('/'))
    path.pop_back();
  return path;
}

/// What the runtime itself lays there; whoever fills it could make up what
/// programs, and the runtime, believe of the system.
bool is_of_the_system(std::string_view target) {
  for (const std::string_view own : {"/proc", "/sys", "/dev"})
    if (target.starts_with(own)
        && (target.size() == own.size() || target[own.size()] == '/'))
      return true;
  return false;
}

error add_volumes(const container_desk& desk, const reservation& r,
                  const workloads::container& wanted, container_order& order) {
  for (const auto& mount : wanted.mounts) {
    const auto owner = desk.volume_owner(mount.volume_id);
    if (!owner && owner.error().code != errc::no_such_reservation)
      return owner.error();
    // Another's volume is not even admitted to be there.
    if (!owner || *owner != r.user_id)
      return refuse(r, "volumes: volume " + mount.volume_id
                         + " is not one of this user on this node");
    auto target = clean_target(mount.mountpoint);
    if (target == "/")
      return refuse(r, "volumes: mountpoint '" + mount.mountpoint
                         + "' would hide the container's files");
    if (is_of_the_system(target))
      return refuse(r, "volumes: mountpoint '" + mount.mountpoint
                         + "' is in /proc, /sys or /dev, which are the "
                           "system's");
    order.volumes.push_back({mount.volume_id, std::move(target)});
  }
  return {};
}

error add_variable(const reservation& r, const std::string& name,
                   std::string_view value, container_order& order) {
  const auto has_zero = [](std::string_view text) {
    return text.find('\0') != std::string_view::npos;
  };
  if (name.empty() || name.find('=') != std::string::npos || has_zero(name)
      || has_zero(value))
    return refuse(r, "env: '" + name + "' cannot be set");
  auto line = name + '=';
  line += value;
  order.environment.push_back(secret::absorb(line));
  return {};
}

error add_environment(const container_desk& desk, const reservation& r,
                      const workloads::container& wanted,
                      container_order& order) {
  if (wanted.env)
    for (const auto& [name, value] : *wanted.env)
      if (auto wrong = add_variable(r, name, value, order))
        return wrong;
  if (!wanted.secret_env)
    return {};
  for (const auto& [name, sealed] : *wanted.secret_env) {
    const auto opened = desk.open_secret(r, sealed);
    if (!opened)
      return {opened.error().code, "reservation " + r.id + ": secret_env: '"
                                     + name + "': " + opened.error().message};
    if (auto wrong = add_variable(r, name, opened->reveal(), order))
      return wrong;
  }
  return {};
}

/// What cannot be sent on stays here, as in the original: the container is
/// worth more. Nothing of the user's text is repeated, it may hold a password.
void pass_over(const reservation& r, const std::string& why,
               const char* where = "logs") {
  log::warn(std::string{"an entry of a container's "} + where
              + " is passed over: it " + why,
            r.id);
}

error add_output(const container_desk& desk, const reservation& r,
                 output_stream which, const std::string& plain,
                 const std::string& sealed, container_order& order) {
  secret url{plain};
  if (!sealed.empty()) {
    auto opened = desk.open_secret(r, sealed);
    if (!opened)
      return {opened.error().code,
              "reservation " + r.id + ": logs: " + std::string{to_string(which)}
                + ": " + opened.error().message};
    url = std::move(*opened);
  }
  if (url.empty())
    return {};
  auto channel = parse_redis_channel(url.reveal());
  if (!channel)
    pass_over(r, channel.error().message);
  else if (order.outputs.size() == outputs_max)
    pass_over(r, "is one too many");
  else
    order.outputs.push_back({which, std::move(*channel)});
  return {};
}

error add_outputs(const container_desk& desk, const reservation& r,
                  const workloads::container& wanted, container_order& order) {
  for (const auto& one : wanted.logs) {
    if (one.type != "redis") {
      pass_over(r, "is not of type redis");
      continue;
    }
    if (auto wrong = add_output(desk, r, output_stream::output, one.stdout_url,
                                one.secret_stdout, order))
      return wrong;
    if (auto wrong = add_output(desk, r, output_stream::errors, one.stderr_url,
                                one.secret_stderr, order))
      return wrong;
  }
  return {};
}

void add_statistics(const reservation& r, const workloads::container& wanted,
                    container_order& order) {
  std::size_t count = 0;
  for (const auto& one : wanted.stats) {
    if (one.type != "redis") {
      pass_over(r, "is not of type redis", "stats");
      continue;
    }
    if (one.endpoint.empty())
      continue;
    auto channel = parse_redis_channel(one.endpoint);
    if (!channel)
      pass_over(r, channel.error().message, "stats");
    else if (count++ == statistics_max)
      return pass_over(r, "is one too many", "stats");
    else
      order.outputs.push_back({output_stream::usage, std::move(*channel)});
  }
}

expected<container_order> order_of(const container_desk& desk,
                                   const reservation& r) {
  const auto* wanted = std::get_if<workloads::container>(&r.workload);
  if (wanted == nullptr)
    return fail(refuse(r, "data: is not a container"));
  if (const auto broken = broken_rule(*wanted); !broken.empty())
    return fail(refuse(r, broken));
  const auto disk = wanted->capacity.disk_size;
  container_order order{.id = filesystem_name(r),
                        .image = wanted->flist,
                        .cpus = wanted->capacity.cpu,
                        .memory_bytes = wanted->capacity.memory * mib,
                        .disk_bytes = (disk == 0 ? usual_disk_mib : disk) * mib,
                        .network_id
                        = network_id(r.user_id, wanted->network.network_id),
                        .addresses = *wanted->network.ips};
  auto words = split_entrypoint(wanted->entrypoint);
  if (!words)
    return fail(refuse(r, words.error().message));
  order.entrypoint = std::move(*words);
  if (auto wrong = add_volumes(desk, r, *wanted, order))
    return fail(wrong);
  if (auto wrong = add_environment(desk, r, *wanted, order))
    return fail(wrong);
  if (auto wrong = add_outputs(desk, r, *wanted, order))
    return fail(wrong);
  add_statistics(r, *wanted, order);
  return order;
}

expected<std::string> provision_container(const container_desk& desk,
                                          const reservation& r) {
  const auto order = order_of(desk, r);
  if (!order)
    return fail(order.error());
  if (auto failed = desk.backend->ensure(*order))
    return fail(std::move(failed));
  // The original writes an address that there is not as Go prints it.
  const auto none = json::quote("<nil>");
  return "{\"id\":" + json::quote(order->id) + ",\"ipv6\":" + none
         + ",\"ipv4\":"
         + json::quote(workloads::to_string(order->addresses.front()))
         + ",\"yggdrasil\":" + none + '}';
}

} // namespace

workload_functions container_functions(container_desk desk) {
  auto shared = std::make_shared<const container_desk>(std::move(desk));
  return {.provision
          = [shared](
              const reservation& r) { return provision_container(*shared, r); },
          .decommission =
            [shared](const reservation& r) {
              return shared->backend->destroy(filesystem_name(r));
            }};
}

} // namespace provision
