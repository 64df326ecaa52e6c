#include "shim/process_state.hpp"

#include <array>
#include <charconv>

#include "shim/lines.hpp"
#include "shim/small_file.hpp"

namespace provision::shim {

namespace {

constexpr std::array causes{"not_started", "ended", "gave_up", "stopped"};

template <class Number>
bool take(const std::string& text, Number& into) {
  const auto* end = text.data() + text.size();
  const auto [stopped, wrong] = std::from_chars(text.data(), end, into);
  return wrong == std::errc{} && stopped == end;
}

bool take_line(process_state& state, const line& one) {
  if (one.fields.size() != 1)
    return false;
  const auto& text = one.fields[0];
  if (one.name == "pid")
    return take(text, state.process.pid);
  if (one.name == "start_time")
    return take(text, state.process.start_time);
  if (one.name == "restarts")
    return take(text, state.restarts);
  if (one.name == "end")
    return take(text, state.ends.emplace_back());
  if (one.name != "boot_id")
    return false;
  state.process.boot_id = text;
  return true;
}

bool take_cause(const std::string& text, process_exit& what) {
  for (std::size_t i = 0; i < causes.size(); ++i)
    if (text == causes.at(i)) {
      what.why = static_cast<process_exit::cause>(i);
      return true;
    }
  return false;
}

bool take_line(process_exit& what, const line& one) {
  if (one.fields.size() != 1)
    return false;
  const auto& text = one.fields[0];
  if (one.name == "cause")
    return take_cause(text, what);
  if (one.name == "code")
    return take(text, what.code);
  if (one.name == "signal")
    return take(text, what.signal);
  if (one.name == "out_of_memory")
    what.out_of_memory = text == "yes";
  else if (one.name == "message")
    what.message = text;
  else
    return false;
  return true;
}

template <class Record>
expected<Record> read_record(std::string_view text, const char* name) {
  const auto lines = read_lines(text);
  if (lines.empty())
    return fail(errc::storage_corrupt,
                std::string{name} + ": is not a whole record");
  Record result;
  for (const auto& one : lines)
    if (!take_line(result, one))
      return fail(errc::storage_corrupt, std::string{name} + ": line '"
                                           + one.name + "' cannot be read");
  return result;
}

/// Fields of /proc/<pid>/stat from the third on; the name before may hold
/// blanks and brackets. Empty if there is no such process.
std::string stat_of(int pid) {
  const auto text = read_small("/proc/" + std::to_string(pid) + "/stat");
  const auto after_name = text.rfind(") ");
  return after_name == std::string::npos ? std::string{}
                                         : text.substr(after_name + 2);
}

} // namespace

std::string describe(const process_exit& what) {
  std::string result;
  if (what.why == process_exit::cause::not_started)
    result = "could not be started";
  else if (what.signal != 0)
    result = "was killed by signal " + std::to_string(what.signal);
  else
    result = "ended with code " + std::to_string(what.code);
  if (what.out_of_memory)
    result += ", out of memory";
  if (!what.message.empty())
    result += ": " + what.message;
  return result;
}

std::string write_state(const process_state& state) {
  line_writer out;
  out.add("pid", std::to_string(state.process.pid));
  out.add("start_time", std::to_string(state.process.start_time));
  out.add("boot_id", state.process.boot_id);
  out.add("restarts", std::to_string(state.restarts));
  for (const auto at : state.ends)
    out.add("end", std::to_string(at));
  return std::move(out).finish();
}

expected<process_state> read_state(std::string_view text) {
  return read_record<process_state>(text, state_name);
}

std::string write_exit(const process_exit& what) {
  line_writer out;
  out.add("cause", causes.at(static_cast<std::size_t>(what.why)));
  out.add("code", std::to_string(what.code));
  out.add("signal", std::to_string(what.signal));
  out.add("out_of_memory", what.out_of_memory ? "yes" : "no");
  out.add("message", what.message);
  return std::move(out).finish();
}

expected<process_exit> read_exit(std::string_view text) {
  return read_record<process_exit>(text, exit_name);
}

std::string boot_id() {
  auto text = read_small("/proc/sys/kernel/random/boot_id");
  if (text.ends_with('\n'))
    text.pop_back();
  return text;
}

std::uint64_t start_time_of(int pid) {
  constexpr int fields_before = 19;
  auto text = stat_of(pid);
  for (int i = 0; i < fields_before; ++i) {
    const auto blank = text.find(' ');
    if (blank == std::string::npos)
      return 0;
    text.erase(0, blank + 1);
  }
  std::uint64_t result = 0;
  std::from_chars(text.data(), text.data() + text.size(), result);
  return result;
}

bool is_running(const process_identity& process) {
  if (process.pid <= 0 || process.boot_id != boot_id()
      || process.start_time != start_time_of(process.pid))
    return false;
  const auto stat = stat_of(process.pid);
  return !stat.empty() && stat.front() != 'Z' && stat.front() != 'X';
}

} // namespace provision::shim
