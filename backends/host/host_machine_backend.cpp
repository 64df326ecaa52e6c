#include "backends/host/host_machine_backend.hpp"

#include <cerrno>
#include <cstdio>

#include <poll.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "backends/host/command.hpp"
#include "backends/host/machine_command.hpp"
#include "backends/host/machine_seed.hpp"
#include "backends/host/process_usage.hpp"
#include "messages/reservation.hpp"
#include "shim/small_file.hpp"

namespace provision {

namespace {

using state = process_facts::state;
using steady = std::chrono::steady_clock;

constexpr auto record_name = "machine";
constexpr auto seed_name = "seed";
constexpr auto run_name = "/run";
constexpr auto disk_name = "/disk";

constexpr std::uint64_t mebibyte = 1U << 20U;
/// What QEMU needs beside the machine's own memory: its translated code, see
/// confined_qemu(), and as much for itself.
constexpr std::uint64_t qemu_memory_bytes = 256U * mebibyte;
/// QEMU's own threads come and go with the load of the disks.
constexpr std::uint64_t tasks_max = 512;
/// For an answer of QEMU's monitor.
constexpr std::chrono::milliseconds answer_patience{2000};
/// For QEMU to start and to open its monitor.
constexpr std::chrono::milliseconds start_patience{30000};
constexpr int turn_ms = 20;

error check(std::string_view id) {
  if (is_safe_id(id))
    return {};
  return {errc::invalid_reservation,
          "'" + std::string{id} + "' cannot name a machine"};
}

error no_public_ips() {
  return {errc::host_unavailable,
          "public_ip: this host has no public addresses; set public.bridge"};
}

/// A disk that is written all over takes more than it shows: its own tables,
/// and those of the file system around it.
std::uint64_t volume_bytes(std::uint64_t disk_bytes) {
  return disk_bytes + disk_bytes / 16 + 64U * mebibyte;
}

} // namespace

expected<std::unique_ptr<host_machine_backend>>
host_machine_backend::open(host_machine_options options) {
  auto image = open_machine_image(options.image_folder);
  if (!image)
    return fail(image.error());
  auto processes
    = supervised_processes::open(options.folder, options.tools.shim);
  if (!processes)
    return fail(processes.error());
  std::unique_ptr<host_machine_backend> made{new host_machine_backend{
    std::move(options), std::move(*image), std::move(*processes)}};
  if (const auto& trouble = made->mutex_.trouble())
    return fail(trouble);
  return made;
}

host_machine_backend::host_machine_backend(host_machine_options options,
                                           machine_image image,
                                           supervised_processes processes)
  : options_{std::move(options)}, image_{std::move(image)},
    processes_{std::move(processes)} {
}

std::string host_machine_backend::control_socket(const std::string& id) const {
  return processes_.folder_of(id) + run_name + "/control";
}

// -- the port -----------------------------------------------------------------

machine_facts host_machine_backend::inspect(std::string_view id) {
  const std::lock_guard lock{mutex_};
  const std::string name{id};
  const auto found = processes_.look(name);
  machine_facts facts{.state = presence_of(found),
                      .pid = found.pid,
                      .restarts = found.restarts,
                      .reason = reason_of(found)};
  if (facts.state == presence::present)
    facts.reason.clear();
  if (found.is != state::running)
    return facts;
  const auto status = ask(name);
  if (status && status->uuid != machine_identity{options_.node_id, id}.uuid)
    return {.state = presence::foreign,
            .reason = "the machine " + status->uuid + " runs there"};
  if (status && status->state == "running")
    return facts;
  facts.state = presence::partial;
  facts.reason
    = status ? "is stopped: " + status->state : status.error().message;
  return facts;
}

error host_machine_backend::ensure(const machine_order& order) {
  const std::lock_guard lock{mutex_};
  if (auto wrong = check(order.id))
    return wrong;
  const auto before = processes_.look(order.id);
  if (before.is == state::pausing)
    return {};
  if (before.is == state::running)
    return wait_until_up(order.id);
  if (before.is == state::unknown)
    return {errc::backend_failure, before.reason};
  const auto disk = options_.volumes->inspect(order.id);
  if (disk.state == presence::unknown)
    return {errc::backend_failure, disk.reason};
  auto failed = build(order);
  if (!failed && listener_)
    listener_();
  // What has run once has written something: that is kept.
  return failed && disk.state == presence::absent
           ? take_back(order.id, std::move(failed))
           : failed;
}

error host_machine_backend::destroy(std::string_view id) {
  const std::lock_guard lock{mutex_};
  if (auto wrong = check(id))
    return wrong;
  return remove(std::string{id});
}

expected<workload_usage> host_machine_backend::usage(std::string_view id) {
  if (auto wrong = check(id))
    return fail(wrong);
  return usage_of_process(processes_, *options_.volumes, std::string{id},
                          machine_tap, cable_end::outer);
}

expected<std::vector<held_object>> host_machine_backend::list() {
  const std::lock_guard lock{mutex_};
  return holdings().list();
}

expected<bool> host_machine_backend::restore(const std::string& id) {
  const std::lock_guard lock{mutex_};
  const auto found = processes_.look(id);
  if (!is_deserted(found))
    return false;
  const auto noted = holdings().find_whole(id);
  if (!noted)
    return fail(noted.error());
  // Whoever ordered it, or its end, does so again.
  if (!*noted)
    return false;
  const auto& record = **noted;
  const auto space = options_.networks->attach(
    record.network_id,
    {.id = id, .addresses = record.addresses, .is_machine = true});
  if (!space)
    return fail(space.error());
  if (!record.public_ip.empty()) {
    // One whose public address was taken away since goes on without.
    const auto open = attach_public(id, record.public_ip);
    if (!open && open.error().code != errc::no_such_reservation)
      return fail(open.error());
  }
  if (const auto volume
      = options_.volumes->ensure(id, volume_bytes(record.disk_bytes));
      !volume)
    return fail(volume.error());
  auto failed = processes_.start_again(id);
  if (!failed)
    failed = wait_until_up(id);
  if (failed)
    return fail(failed);
  return true;
}

void host_machine_backend::on_start(std::function<void()> listener) {
  const std::lock_guard lock{mutex_.of_this_process()};
  listener_ = std::move(listener);
}

// -- asking it ----------------------------------------------------------------

expected<qemu_status> host_machine_backend::ask(const std::string& id) const {
  auto monitor = qemu_monitor::connect(control_socket(id), answer_patience);
  return monitor ? monitor->status() : fail(monitor.error());
}

/// Until QEMU answers and it is ours.
error host_machine_backend::wait_until_up(const std::string& id) const {
  const auto until = steady::now() + start_patience;
  for (;;) {
    const auto status = ask(id);
    if (status && status->uuid != machine_identity{options_.node_id, id}.uuid)
      return {errc::already_exists,
              "the machine " + status->uuid + " runs in place of " + id};
    if (status)
      return {};
    if (const auto facts = processes_.look(id); facts.is != state::running)
      return {errc::provision_failed,
              "machine " + id + " could not be started: " + reason_of(facts)
                + ": " + processes_.last_words(id)};
    if (steady::now() >= until)
      return {errc::provision_failed,
              "machine " + id
                + " could not be started: " + status.error().message};
    ::poll(nullptr, 0, turn_ms);
  }
}

// -- steps --------------------------------------------------------------------

error host_machine_backend::build(const machine_order& order) {
  if (control_socket(order.id).size() >= sizeof(sockaddr_un::sun_path))
    return {errc::invalid_configuration,
            options_.folder + ": is too long a path for machines"};
  // Before anything is noted that could not be given back.
  if (!order.public_ip.empty() && !options_.public_ips)
    return no_public_ips();
  if (const auto terms
      = options_.networks->terms(order.network_id, order.address);
      !terms)
    return terms.error();
  const auto folder = processes_.folder_of(order.id);
  if (auto stopped = pass(options_.before_step, "write record"))
    return stopped;
  if (auto failed = holdings().note(order.id, {.network_id = order.network_id,
                                               .addresses = {order.address},
                                               .public_ip = order.public_ip,
                                               .disk_bytes = order.disk_bytes}))
    return failed;
  const auto cards = attach(order);
  if (!cards)
    return cards.error();
  if (auto stopped = pass(options_.before_step, "make disk"))
    return stopped;
  const auto disk = make_disk(order);
  if (!disk)
    return disk.error();
  if (auto stopped = pass(options_.before_step, "write seed"))
    return stopped;
  if (auto failed = write_seed(make_seed(order, cards->terms, cards->open,
                                         {options_.node_id, order.id}),
                               options_.tools.genisoimage, folder, seed_name))
    return failed;
  if (auto stopped = pass(options_.before_step, "start"))
    return stopped;
  if (auto failed = processes_.start(order.id, spec_of(order, *cards, *disk)))
    return {errc::provision_failed,
            "machine " + order.id + " could not be started: " + failed.message};
  if (auto stopped = pass(options_.before_step, "wait"))
    return stopped;
  return wait_until_up(order.id);
}

expected<machine_cards>
host_machine_backend::attach(const machine_order& order) const {
  auto terms = options_.networks->terms(order.network_id, order.address);
  if (!terms)
    return fail(terms.error());
  if (auto stopped = pass(options_.before_step, "attach"))
    return fail(stopped);
  auto space = options_.networks->attach(
    order.network_id,
    {.id = order.id, .addresses = {order.address}, .is_machine = true});
  if (!space)
    return fail(space.error());
  machine_cards cards{.terms = std::move(*terms), .space = std::move(*space)};
  if (order.public_ip.empty())
    return cards;
  if (auto stopped = pass(options_.before_step, "attach public"))
    return fail(stopped);
  auto open = attach_public(order.id, order.public_ip);
  // Its reservation comes behind the machine's, so it may still come.
  if (!open && open.error().code == errc::no_such_reservation)
    return fail(errc::host_busy, "public_ip: " + open.error().message);
  if (!open)
    return fail(open.error());
  cards.open = std::move(*open);
  return cards;
}

expected<std::optional<public_terms>>
host_machine_backend::attach_public(const std::string& id,
                                    const std::string& public_ip) const {
  if (!options_.public_ips)
    return fail(no_public_ips());
  return options_.public_ips->attach(public_ip, id).map([](auto terms) {
    return std::optional{std::move(terms)};
  });
}

/// Path of the disk; one that is there is kept as it is.
expected<std::string>
host_machine_backend::make_disk(const machine_order& order) const {
  const auto volume
    = options_.volumes->ensure(order.id, volume_bytes(order.disk_bytes));
  if (!volume)
    return volume;
  auto path = *volume + disk_name;
  if (::access(path.c_str(), F_OK) == 0)
    return path;
  const auto temporary = path + ".tmp";
  std::vector<std::string> words{"create", "-q", "-f", "qcow2"};
  if (!image_.disk.empty())
    words.insert(words.end(), {"-F", "qcow2", "-b", image_.disk});
  words.push_back(temporary);
  words.push_back(std::to_string(order.disk_bytes));
  if (const auto made = run(
        {.program = options_.tools.qemu_img, .arguments = std::move(words)});
      !made)
    return fail(made.error());
  if (::chmod(temporary.c_str(), 0600) != 0
      || ::rename(temporary.c_str(), path.c_str()) != 0)
    return fail(last_system_error("make " + path));
  return path;
}

shim::process_spec
host_machine_backend::spec_of(const machine_order& order,
                              const machine_cards& cards,
                              const std::string& disk) const {
  const auto folder = processes_.folder_of(order.id);
  shim::process_spec spec{
    .arguments = qemu_command(
      options_.tools,
      {.id = order.id,
       .who = {options_.node_id, order.id},
       .cpus = order.cpus,
       .memory_bytes = order.memory_bytes,
       .kernel = image_.kernel,
       .initrd = image_.initrd,
       .kernel_arguments = kernel_arguments(image_, cards.terms, order.id),
       .disk = disk,
       .seed = folder + '/' + seed_name,
       .control_socket = control_socket(order.id),
       .public_hardware_address
       = cards.open ? cards.open->hardware_address : ""}),
    .environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"},
    .network_space = cards.space,
    .scratch = folder + run_name,
    .log_bytes_max = options_.log_bytes_max,
    .restart_delay = options_.restart_delay,
    // One that switches itself off comes back; the fourth time within a minute
    // is the last.
    .restarts_max = 3};
  options_.groups.add_to(
    spec, options_.node_id, order.id,
    {.memory_bytes = order.memory_bytes + qemu_memory_bytes,
     .cpus = order.cpus,
     .tasks = tasks_max});
  return spec;
}

error host_machine_backend::take_back(const std::string& id,
                                      error failed) const {
  if (const auto stuck = remove(id))
    failed.message += "; what was begun is still there: " + stuck.message;
  return failed;
}

/// Gives the machine's system the chance to write down what it has in memory.
/// One that does not heed it is not waited for any longer.
void host_machine_backend::shut_down(const std::string& id) const {
  const auto facts = processes_.look(id);
  const auto process = open_process(facts.pid);
  if (facts.is != state::running || !process)
    return;
  auto monitor = qemu_monitor::connect(control_socket(id), answer_patience);
  if (!monitor || monitor->press_power_button())
    return;
  pollfd event{process.number(), POLLIN, 0};
  ::poll(&event, 1, static_cast<int>(options_.shutdown_patience.count()));
}

error host_machine_backend::remove(const std::string& id) const {
  // Behind it comes SIGTERM, which lets a QEMU that still runs close its disk.
  return holdings().release(id, [&] { shut_down(id); });
}

workload_holdings host_machine_backend::holdings() const {
  return {processes_,           *options_.networks, *options_.volumes,
          options_.before_step, record_name,        options_.public_ips.get()};
}

} // namespace provision
