#include "backends/host/ip_program.hpp"

#include <sstream>
#include <utility>

#include "backends/host/command.hpp"
#include "backends/host/net_space.hpp"

namespace provision::ip_program {

namespace {

expected<std::string> ask(const std::string& ip, const std::string& space,
                          std::vector<std::string> words,
                          std::string lines = {}) {
  // A member's cable takes more than a kilobyte, and there may be thousands.
  constexpr std::size_t bytes_max = 16U << 20U;
  auto said = net_space::ask(space, [&] {
    return run({.program = ip,
                .arguments = std::move(words),
                .input = std::move(lines),
                .output_bytes_max = bytes_max});
  });
  if (!said)
    return fail(said.error());
  if (said->cut)
    return fail(errc::backend_failure,
                "namespace " + space + " has too many links or routes");
  return std::move(said->out);
}

} // namespace

expected<std::vector<link_facts>> links(const std::string& ip,
                                        const std::string& space) {
  const auto said = ask(ip, space, {"-json", "-details", "address", "show"});
  if (!said)
    return fail(said.error());
  return read_links(*said);
}

expected<std::vector<std::string>>
ipv6_answers(const std::string& ip, const std::string& space,
             const std::vector<std::string>& questions) {
  std::string lines;
  for (const auto& one : questions)
    lines += one + '\n';
  const auto said = ask(ip, space, {"-json", "-6", "-batch", "-"}, lines);
  if (!said)
    return fail(said.error());
  std::vector<std::string> answers;
  std::istringstream in{*said};
  for (std::string line; std::getline(in, line);)
    if (!line.empty())
      answers.push_back(line);
  // An empty list is one, too: what was left out is not known.
  if (answers.size() != questions.size())
    return fail(errc::backend_failure,
                ip + " did not answer all that it was asked");
  return answers;
}

error batch(const std::string& ip, const std::string& space,
            const std::string& lines) {
  const auto done = net_space::ask(space, [&] {
    return run({.program = ip, .arguments = {"-batch", "-"}, .input = lines});
  });
  return done ? error{} : done.error();
}

} // namespace provision::ip_program
