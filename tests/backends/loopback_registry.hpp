#pragma once

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "backends/host/command.hpp"
#include "shim/small_file.hpp"
#include "tests/support/patience.hpp"

namespace provision::test {

/// Debian's registry of images, on a port of the loopback, with its content in
/// a folder: it may be stopped and started again there.
class loopback_registry {
public:
  explicit loopback_registry(std::string folder) : folder_{std::move(folder)} {
    std::filesystem::create_directories(folder_);
    start("0");
  }
  ~loopback_registry() { stop(); }
  loopback_registry(const loopback_registry&) = delete;
  loopback_registry& operator=(const loopback_registry&) = delete;

  /// "127.0.0.1:43511".
  const std::string& address() const { return address_; }

  void stop() {
    if (pid_ <= 0)
      return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

  void start_again() { start(address_.substr(address_.find(':') + 1)); }

  /// Puts the image "latest" of a layout there as "<name>:<tag>".
  error push(const std::string& layout, const std::string& name) const {
    const auto done
      = run({.program = "/usr/bin/skopeo",
             .arguments = {"copy", "--quiet", "--dest-tls-verify=false",
                           "oci:" + layout + ":latest",
                           "docker://" + address_ + '/' + name}});
    return done ? error{} : done.error();
  }

private:
  void start(const std::string& port) {
    const auto settings = folder_ + "/settings.yml";
    const auto log = folder_ + "/log";
    std::ofstream{settings}
      << "version: 0.1\nlog: {level: info}\n"
         "storage: {filesystem: {rootdirectory: "
      << folder_ << "/content}}\nhttp: {addr: 127.0.0.1:" << port << "}\n";
    std::filesystem::remove(log);
    pid_ = ::fork();
    if (pid_ == 0) {
      // Not longer than the test, however that ends.
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
      ::dup2(out, 1);
      ::dup2(out, 2);
      ::execl("/usr/bin/docker-registry", "docker-registry", "serve",
              settings.c_str(), nullptr);
      ::_exit(1);
    }
    BOOST_REQUIRE(eventually([&] { return find_address(log); }));
  }

  bool find_address(const std::string& log) {
    const auto text = shim::read_small(log);
    constexpr std::string_view mark = "listening on ";
    const auto at = text.find(mark);
    if (at == std::string::npos)
      return false;
    const auto from = at + mark.size();
    address_
      = text.substr(from, text.find_first_not_of("0123456789.:", from) - from);
    return true;
  }

  std::string folder_;
  std::string address_;
  ::pid_t pid_ = -1;
};

} // namespace provision::test
