#include "backends/host/ip_program.hpp"

#include "backends/host/command.hpp"
#include "backends/host/net_space.hpp"

namespace provision::ip_program {

expected<std::vector<link_facts>> links(const std::string& ip,
                                        const std::string& space) {
  // A member's cable takes more than a kilobyte, and there may be thousands.
  constexpr std::size_t bytes_max = 16U << 20U;
  const auto shown = net_space::ask(space, [&] {
    return run({.program = ip,
                .arguments = {"-json", "-details", "address", "show"},
                .output_bytes_max = bytes_max});
  });
  if (!shown)
    return fail(shown.error());
  if (shown->cut)
    return fail(errc::backend_failure,
                "namespace " + space + " has too many links");
  return read_links(shown->out);
}

error batch(const std::string& ip, const std::string& space,
            const std::string& lines) {
  const auto done = net_space::ask(space, [&] {
    return run({.program = ip, .arguments = {"-batch", "-"}, .input = lines});
  });
  return done ? error{} : done.error();
}

} // namespace provision::ip_program
