#pragma once

#include <cstdlib>
#include <string>

#include <unistd.h>

#include "backends/host/resp_client.hpp"

namespace provision::test {

/// The 0-db server of the tests: a double of our own, or the one that
/// ZDB_SERVER names.
inline std::string zdb_server_program() {
  const char* real = std::getenv("ZDB_SERVER");
  return real != nullptr ? real : ZDB_DOUBLE;
}

/// An address of this host that no other test listens at.
inline std::string address_of_this_test() {
  const auto pid = ::getpid();
  return "127.9." + std::to_string(pid / 250 % 250) + '.'
         + std::to_string(pid % 250 + 1);
}

/// Somebody out there who uses a namespace.
class zdb_client {
public:
  explicit zdb_client(std::uint16_t port,
                      const std::string& address = address_of_this_test())
    : client_{
      resp_client::connect(workloads::parse_ip(address).value(), port)} {}

  /// What the server answers, "nothing", or why it does not.
  std::string says(const resp_command& command) {
    if (!client_)
      return client_.error().message;
    const auto answer = client_->ask(command);
    if (!answer)
      return answer.error().message;
    return answer->is == resp_answer::kind::nothing ? "nothing" : answer->text;
  }

private:
  expected<resp_client> client_;
};

} // namespace provision::test
