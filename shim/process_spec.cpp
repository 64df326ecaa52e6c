#include "shim/process_spec.hpp"

#include <charconv>

#include "shim/lines.hpp"

namespace provision::shim {

namespace {

bool read_number(const std::string& text, std::uint64_t& into) {
  const auto* end = text.data() + text.size();
  const auto [stopped, wrong] = std::from_chars(text.data(), end, into);
  return wrong == std::errc{} && stopped == end;
}

bool take_number(process_spec& spec, const line& one) {
  std::uint64_t number = 0;
  if (!read_number(one.fields[0], number))
    return false;
  const std::chrono::milliseconds span{number};
  if (one.name == "log_bytes_max")
    spec.log_bytes_max = number;
  else if (one.name == "old_logs_max")
    spec.old_logs_max = static_cast<std::uint32_t>(number);
  else if (one.name == "stream_bytes_max")
    spec.stream_bytes_max = number;
  else if (one.name == "grace_ms")
    spec.grace = span;
  else if (one.name == "restart_delay_ms")
    spec.restart_delay = span;
  else if (one.name == "restart_window_ms")
    spec.restart_window = span;
  else if (one.name == "restarts_max")
    spec.restarts_max = static_cast<std::uint32_t>(number);
  else
    return false;
  return true;
}

bool take_text(process_spec& spec, const line& one) {
  const auto& text = one.fields[0];
  if (one.name == "argument")
    spec.arguments.push_back(text);
  else if (one.name == "environment")
    spec.environment.push_back(text);
  else if (one.name == "group")
    spec.groups.push_back(text);
  else if (one.name == "oom_file")
    spec.oom_file = text;
  else if (one.name == "network_space")
    spec.network_space = text;
  else if (one.name == "pid_file")
    spec.pid_file = text;
  else if (one.name == "scratch")
    spec.scratch = text;
  else
    return false;
  return true;
}

bool take_line(process_spec& spec, const line& one) {
  if (one.fields.size() == 1)
    return take_text(spec, one) || take_number(spec, one);
  if (one.name == "limit" && one.fields.size() == 2)
    spec.limits.push_back({one.fields[0], one.fields[1]});
  else if (one.name == "mount" && one.fields.size() == 2)
    spec.mounts.push_back({one.fields[0], one.fields[1], {}});
  else if (one.name == "mount_options" && one.fields.size() == 2
           && !spec.mounts.empty())
    spec.mounts.back().options = one.fields[0];
  else
    return false;
  return true;
}

void write_numbers(line_writer& out, const process_spec& spec) {
  out.add("log_bytes_max", std::to_string(spec.log_bytes_max));
  out.add("old_logs_max", std::to_string(spec.old_logs_max));
  // Left out where nobody asks: then a shim of before reads the record, too.
  if (spec.stream_bytes_max != 0)
    out.add("stream_bytes_max", std::to_string(spec.stream_bytes_max));
  out.add("grace_ms", std::to_string(spec.grace.count()));
  out.add("restart_delay_ms", std::to_string(spec.restart_delay.count()));
  out.add("restart_window_ms", std::to_string(spec.restart_window.count()));
  out.add("restarts_max", std::to_string(spec.restarts_max));
}

} // namespace

std::string write_spec(const process_spec& spec) {
  line_writer out;
  for (const auto& one : spec.arguments)
    out.add("argument", one);
  for (const auto& one : spec.environment)
    out.add("environment", one);
  for (const auto& one : spec.groups)
    out.add("group", one);
  for (const auto& one : spec.limits)
    out.add("limit", one.file, one.value);
  out.add("oom_file", spec.oom_file);
  out.add("network_space", spec.network_space);
  for (const auto& one : spec.mounts) {
    out.add("mount", one.type, one.target);
    out.add("mount_options", one.options, {});
  }
  out.add("pid_file", spec.pid_file);
  out.add("scratch", spec.scratch);
  write_numbers(out, spec);
  return std::move(out).finish();
}

expected<process_spec> read_spec(std::string_view text) {
  process_spec spec;
  for (const auto& one : read_lines(text))
    if (!take_line(spec, one))
      return fail(errc::storage_corrupt,
                  "process: line '" + one.name + "' cannot be read");
  if (spec.arguments.empty())
    return fail(errc::storage_corrupt, "process: is not a whole record");
  return spec;
}

} // namespace provision::shim
