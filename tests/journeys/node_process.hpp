#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/scratch_folder.hpp"

namespace provision::journeys {

/// How a process ended.
struct ending {
  /// Exit code, or minus the number of the signal that ended it.
  int code = 0;
  std::string out = {};
  std::string err = {};
};

/// provisiond as a process of its own, with its data in a fresh folder.
class node_process {
public:
  node_process();
  node_process(const node_process&) = delete;
  node_process& operator=(const node_process&) = delete;
  /// Kills what still runs.
  ~node_process();

  std::string data_dir() const { return folder_.path() + "/data"; }
  std::string file(const std::string& name) const {
    return folder_.path() + "/" + name;
  }
  /// Writes a file beside the data folder; its path.
  std::string write(const std::string& name, const std::string& text) const;
  /// A configuration for fast tests against this explorer; its path. `host`:
  /// the sections capacity and volumes.
  std::string configure(const std::string& explorer_url,
                        const std::string& more = {},
                        const std::string& host = plain_folders) const;

  static constexpr auto plain_folders = "[capacity]\nsru = \"1024TiB\"\n"
                                        "[volumes]\n"
                                        "technique = \"directory\"\n";

  /// The program that is started.
  std::string program = PROVISIOND;
  /// Starts it with these arguments; it is told a notify socket.
  void start(const std::vector<std::string>& arguments);
  void signal(int number) const;
  pid_t pid() const noexcept { return pid_; }
  /// Waits for its end; nothing if it is not in time.
  std::optional<ending> wait(std::chrono::milliseconds patience
                             = std::chrono::seconds{20});

  /// Waits until the notify socket brings a message with this text; false if
  /// it does not, or if the process ends first.
  bool hears(const std::string& text,
             std::chrono::milliseconds patience = std::chrono::seconds{20});

  /// Everything that it wrote to standard error since `start`.
  std::string log() const;
  /// Everything that it wrote to standard output since `start`.
  std::string output() const;

private:
  bool reap();
  void receive();

  test::scratch_folder folder_ = {};
  pid_t pid_ = -1;
  std::optional<int> status_ = {};
  int socket_ = -1;
  std::string heard_ = {};
};

/// Runs provisiond with these arguments to its end.
ending run(const std::vector<std::string>& arguments);

/// The same for another program.
ending run_program(const std::string& program,
                   const std::vector<std::string>& arguments);

} // namespace provision::journeys
