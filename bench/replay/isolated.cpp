#include "bench/replay/isolated.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <memory>
#include <new>

namespace provision::bench {

namespace {

constexpr int watch_interval_ms = 100;

struct unmap {
  void operator()(progress* shared) const {
    ::munmap(shared, sizeof(progress));
  }
};

std::unique_ptr<progress, unmap> share_progress() {
  auto* page = ::mmap(nullptr, sizeof(progress), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return std::unique_ptr<progress, unmap>{
    page == MAP_FAILED ? nullptr : new (page) progress{}};
}

void send(int fd, const std::string& text) {
  for (std::size_t sent = 0; sent < text.size();) {
    auto n = ::write(fd, text.data() + sent, text.size() - sent);
    if (n <= 0)
      return;
    sent += static_cast<std::size_t>(n);
  }
}

[[noreturn]] void
serve(int fd, progress& shared,
      const std::function<expected<nlohmann::json>(progress&)>& work) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  auto made = work(shared);
  nlohmann::json answer;
  if (made)
    answer["figures"] = std::move(*made);
  else
    answer["error"] = {{"code", static_cast<int>(made.error().code)},
                       {"message", made.error().message}};
  send(fd, answer.dump());
  // No destructors of what belongs to the parent.
  ::_exit(0);
}

std::string receive(int fd, const progress& shared,
                    const std::function<void(const progress&)>& watch) {
  std::string text;
  char buffer[4096];
  while (true) {
    pollfd waiting{.fd = fd, .events = POLLIN, .revents = 0};
    if (::poll(&waiting, 1, watch_interval_ms) > 0) {
      auto n = ::read(fd, buffer, sizeof buffer);
      if (n <= 0)
        return text;
      text.append(buffer, static_cast<std::size_t>(n));
    }
    watch(shared);
  }
}

} // namespace

expected<nlohmann::json>
in_child(const std::function<expected<nlohmann::json>(progress&)>& work,
         const std::function<void(const progress&)>& watch) {
  auto shared = share_progress();
  int ends[2];
  if (!shared || ::pipe(ends) != 0)
    return fail(errc::storage_failure, std::strerror(errno));
  auto pid = ::fork();
  if (pid < 0)
    return fail(errc::storage_failure, std::strerror(errno));
  if (pid == 0) {
    ::close(ends[0]);
    serve(ends[1], *shared, work);
  }
  ::close(ends[1]);
  auto text = receive(ends[0], *shared, watch);
  ::close(ends[0]);
  int status = 0;
  ::waitpid(pid, &status, 0);
  auto answer = nlohmann::json::parse(text, nullptr, false);
  if (answer.is_discarded())
    return fail(errc::provisioner_crashed, "the measuring process died");
  if (answer.contains("error"))
    return fail(static_cast<errc>(answer["error"]["code"].get<int>()),
                answer["error"]["message"].get<std::string>());
  return std::move(answer["figures"]);
}

} // namespace provision::bench
