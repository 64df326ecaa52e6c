#include "backends/host/output_targets_file.hpp"

#include <charconv>

#include "shim/lines.hpp"
#include "shim/process_state.hpp"

namespace provision {

namespace {

constexpr auto usage_name = "usage";

/// As the shim's files are called, where there is one.
const char* name_of(output_stream which) {
  if (which == output_stream::usage)
    return usage_name;
  return which == output_stream::output ? shim::output_name : shim::errors_name;
}

bool take_stream(const std::string& text, output_stream& which) {
  for (const auto one :
       {output_stream::output, output_stream::errors, output_stream::usage})
    if (text == name_of(one)) {
      which = one;
      return true;
    }
  return false;
}

bool take_port(const std::string& text, std::uint16_t& port) {
  const auto* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, port);
  return read.ec == std::errc{} && read.ptr == end && port != 0;
}

bool take_host(const std::string& text, workloads::ip_address& host) {
  const auto read = workloads::parse_ip(text);
  if (!read || read->family == workloads::ip_address::kind::none)
    return false;
  host = *read;
  return true;
}

bool take_target_line(std::vector<output_target>& targets,
                      const shim::line& one) {
  if (one.fields.size() != 1)
    return false;
  auto text = one.fields[0];
  if (one.name == "stream") {
    targets.emplace_back();
    return take_stream(text, targets.back().stream);
  }
  if (targets.empty())
    return false;
  auto& to = targets.back().to;
  if (one.name == "host")
    return take_host(text, to.host);
  if (one.name == "port")
    return take_port(text, to.port);
  if (one.name == "user")
    to.user = text;
  else if (one.name == "password")
    to.password = secret::absorb(text);
  else if (one.name == "channel")
    to.channel = text;
  else
    return false;
  return true;
}

} // namespace

secret write_targets(const std::vector<output_target>& targets) {
  shim::line_writer out;
  for (const auto& [stream, to] : targets) {
    out.add("stream", name_of(stream));
    out.add("host", workloads::to_string(to.host));
    out.add("port", std::to_string(to.port));
    out.add("user", to.user);
    out.add("password", to.password.reveal());
    out.add("channel", to.channel);
  }
  auto text = std::move(out).finish();
  return secret::absorb(text);
}

expected<std::vector<output_target>> read_targets(std::string_view text) {
  std::vector<output_target> targets;
  for (const auto& one : shim::read_lines(text))
    if (!take_target_line(targets, one))
      return fail(errc::storage_corrupt, "line '" + one.name
                                           + "' of the targets of output "
                                             "cannot be read");
  for (const auto& one : targets)
    if (one.to.host.family == workloads::ip_address::kind::none
        || one.to.channel.empty())
      return fail(errc::storage_corrupt, "a target of output lacks its place");
  if (targets.empty())
    return fail(errc::storage_corrupt, "targets of output: no whole record");
  return targets;
}

} // namespace provision
