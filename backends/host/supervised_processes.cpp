#include "backends/host/supervised_processes.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <filesystem>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "backends/host/command.hpp"
#include "messages/reservation.hpp"
#include "shim/process_group.hpp"
#include "shim/remove_tree.hpp"
#include "shim/small_file.hpp"

namespace provision {

namespace {

using state = process_facts::state;

/// For a start, and for what follows the grace of an end.
constexpr std::chrono::milliseconds patience{30000};

error check(const std::string& id) {
  if (is_safe_id(id))
    return {};
  return {errc::invalid_reservation, "'" + id + "' cannot name a process"};
}

bool ends_within(const file_descriptor& process,
                 std::chrono::milliseconds span) {
  pollfd event{process.number(), POLLIN, 0};
  int code = 0;
  do
    code = ::poll(&event, 1, static_cast<int>(span.count()));
  while (code < 0 && errno == EINTR);
  return code > 0;
}

error signal(const file_descriptor& process, int number) {
  if (::syscall(SYS_pidfd_send_signal, process.number(), number, nullptr, 0)
        != 0
      && errno != ESRCH)
    return last_system_error("signal a process");
  return {};
}

/// Kills exactly this process and waits for its end.
error kill_process(const shim::process_identity& which) {
  // Opened first: then the number cannot be given to another in between.
  const auto process = open_process(which.pid);
  if (which.pid <= 0 || !process || !shim::is_running(which))
    return {};
  if (auto failed = signal(process, SIGKILL))
    return failed;
  if (!ends_within(process, patience))
    return {errc::host_busy, "process " + std::to_string(which.pid)
                               + " does not end even when killed"};
  return {};
}

shim::process_identity recorded(const std::string& path) {
  const auto found = shim::read_state(shim::read_small(path));
  return found ? found->process : shim::process_identity{};
}

} // namespace

bool has_given_up(const process_facts& facts) {
  return facts.is == state::ended && facts.exit
         && facts.exit->why != shim::process_exit::cause::stopped;
}

bool is_deserted(const process_facts& facts) {
  return (facts.is == state::ended || facts.is == state::unattended)
         && !has_given_up(facts);
}

presence presence_of(const process_facts& facts) {
  switch (facts.is) {
  case state::absent:
    return presence::absent;
  case state::running:
  case state::pausing:
    return presence::present;
  case state::ended:
  case state::unattended:
    return presence::partial;
  case state::unknown:
    break;
  }
  return presence::unknown;
}

std::string reason_of(const process_facts& facts) {
  return facts.exit ? describe(*facts.exit) : facts.reason;
}

expected<std::string> find_shim() {
  std::error_code code;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", code);
  const auto beside = self.parent_path() / "provisiond-shim";
  if (code || ::access(beside.c_str(), X_OK) != 0)
    return fail(errc::backend_failure,
                beside.string() + " not found; install it beside provisiond");
  return beside.string();
}

expected<supervised_processes>
supervised_processes::open(const std::string& path, std::string shim) {
  auto place = folder::make(path);
  if (!place)
    return fail(place.error());
  return supervised_processes{std::move(*place), std::move(shim)};
}

std::string supervised_processes::folder_of(const std::string& id) const {
  return place_.path(id);
}

std::string supervised_processes::path(const std::string& id,
                                       const char* name) const {
  return place_.path(id) + '/' + name;
}

/// Number of the shim that holds the lock; 0 if nobody does.
expected<int> supervised_processes::holder(const std::string& id) const {
  const file_descriptor file{
    ::open(path(id, shim::lock_name).c_str(), O_RDWR | O_CLOEXEC)};
  if (!file && errno == ENOENT)
    return 0;
  struct flock whole = {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  if (!file || ::fcntl(file.number(), F_GETLK, &whole) != 0)
    return fail(last_system_error("ask who looks after " + id));
  return whole.l_type == F_UNLCK ? 0 : whole.l_pid;
}

file_descriptor supervised_processes::watch(const std::string& id) const {
  const auto pid = check(id) ? expected<int>{0} : holder(id);
  if (!pid || *pid <= 0)
    return {};
  auto process = open_process(*pid);
  // Still the holder: then the descriptor is his and not that of a later
  // process with his number.
  const auto still = holder(id);
  return still && *still == *pid ? std::move(process) : file_descriptor{};
}

error supervised_processes::start(const std::string& id,
                                  const shim::process_spec& spec) const {
  if (auto wrong = check(id))
    return wrong;
  const auto facts = look(id);
  if (facts.is == state::running || facts.is == state::pausing)
    return {};
  if (facts.is == state::unknown)
    return {errc::backend_failure, facts.reason};
  // What a dead shim left behind was started by an older order.
  if (auto failed = stop(id))
    return failed;
  return run_shim(id, spec);
}

error supervised_processes::start_again(const std::string& id) const {
  if (auto wrong = check(id))
    return wrong;
  const auto spec
    = shim::read_spec(shim::read_small(path(id, shim::spec_name)));
  return spec ? start(id, *spec) : spec.error();
}

error supervised_processes::run_shim(const std::string& id,
                                     const shim::process_spec& spec) const {
  if (const auto made = place_.make_child(id); !made)
    return made.error();
  if (auto failed
      = shim::write_durably(path(id, shim::spec_name), shim::write_spec(spec)))
    return failed;
  const auto done = provision::run(
    {.program = shim_, .arguments = {place_.path(id)}, .deadline = patience});
  if (done)
    return {};
  // One that is slow to start must not run later, when nobody expects it.
  if (done.error().code == errc::deadline_exceeded)
    if (auto stuck = stop(id))
      return stuck;
  return done.error();
}

process_facts supervised_processes::look(const std::string& id) const {
  const auto unknown = [](const error& why) {
    return process_facts{.is = state::unknown, .reason = why.message};
  };
  if (auto wrong = check(id))
    return unknown(wrong);
  const auto there = place_.look(id);
  if (!there)
    return unknown(there.error());
  if (!there->exists)
    return {};
  const auto shim = holder(id);
  if (!shim)
    return unknown(shim.error());
  if (*shim == 0)
    return look_at_rest(id);
  process_facts facts{.is = state::running};
  if (const auto found
      = shim::read_state(shim::read_small(path(id, shim::state_name)))) {
    facts.restarts = found->restarts;
    facts.pid = found->process.pid;
    if (facts.pid == 0)
      facts.is = state::pausing;
  }
  return facts;
}

/// One without a shim.
process_facts supervised_processes::look_at_rest(const std::string& id) const {
  process_facts facts{.is = state::ended};
  if (const auto found
      = shim::read_state(shim::read_small(path(id, shim::state_name))))
    facts.restarts = found->restarts;
  if (auto exit = shim::read_exit(shim::read_small(path(id, shim::exit_name))))
    facts.exit = std::move(*exit);
  const auto process = recorded(path(id, shim::state_name));
  const auto spec
    = shim::read_spec(shim::read_small(path(id, shim::spec_name)));
  if (shim::is_running(process))
    facts.pid = process.pid;
  if (facts.pid != 0 || (spec && shim::has_members(*spec))) {
    facts.is = state::unattended;
    facts.reason = "its shim was killed";
  } else if (!facts.exit) {
    facts.reason = "it ended while nobody looked";
  }
  return facts;
}

error supervised_processes::end_shim(const std::string& id,
                                     std::chrono::milliseconds grace) const {
  const auto shim = watch(id);
  if (!shim)
    return {};
  if (auto failed = signal(shim, SIGTERM))
    return failed;
  if (ends_within(shim, grace + patience))
    return {};
  // What it looked after is ended below.
  if (auto failed = signal(shim, SIGKILL))
    return failed;
  if (!ends_within(shim, patience))
    return {errc::host_busy, "the shim of " + id + " does not end"};
  return {};
}

error supervised_processes::stop(const std::string& id) const {
  if (auto wrong = check(id))
    return wrong;
  const auto there = place_.look(id);
  if (!there || !there->exists)
    return there ? error{} : there.error();
  const auto spec
    = shim::read_spec(shim::read_small(path(id, shim::spec_name)));
  // Without one nothing was ever started.
  if (!spec)
    return {};
  if (auto failed = end_shim(id, spec->grace))
    return failed;
  if (auto failed = kill_process(recorded(path(id, shim::state_name))))
    return failed;
  if (auto failed = shim::kill_members(*spec))
    return failed;
  return shim::remove_groups(*spec);
}

error supervised_processes::remove(const std::string& id) const {
  if (auto failed = stop(id))
    return failed;
  return shim::remove_tree(place_.path(id));
}

expected<std::vector<std::string>> supervised_processes::ids() const {
  auto names = place_.names();
  if (names)
    std::ranges::sort(*names);
  return names;
}

std::string supervised_processes::output(const std::string& id,
                                         std::size_t bytes_max) const {
  const file_descriptor file{
    ::open(path(id, shim::log_name).c_str(), O_RDONLY | O_CLOEXEC)};
  struct stat facts = {};
  if (check(id) || !file || ::fstat(file.number(), &facts) != 0)
    return {};
  const auto size = static_cast<std::size_t>(facts.st_size);
  std::string text(std::min(size, bytes_max), '\0');
  const auto got = ::pread(file.number(), text.data(), text.size(),
                           static_cast<off_t>(size - text.size()));
  text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return text;
}

std::string supervised_processes::last_words(const std::string& id) const {
  constexpr std::size_t bytes_max = 500;
  auto text = output(id, bytes_max);
  while (text.ends_with('\n') || text.ends_with('\r'))
    text.pop_back();
  const auto before = text.rfind('\n');
  return before == std::string::npos ? text : text.substr(before + 1);
}

} // namespace provision
