#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "backends/host/step_hook.hpp"
#include "backends/host/supervised_processes.hpp"

namespace provision {

/// A supervised program that reads its configuration again at SIGHUP and says
/// at a unix socket by which it runs. One thread at a time.
class reloadable_server {
public:
  struct traits {
    /// Of its process, and for people.
    std::string id = {};
    /// Path of that socket, and what has to be asked there.
    std::string socket = {};
    std::string question = {};
    std::chrono::milliseconds patience{10000};
    step_hook before_step = {};
  };

  /// `processes` must outlive it.
  reloadable_server(const supervised_processes& processes, traits what)
    : processes_{processes}, traits_{std::move(what)} {}

  /// errc::invalid_configuration if the socket's path is too long for one.
  error check_paths() const;

  /// Makes it run as `spec` asks and by `generation`, which it finds in its
  /// file: starts it, or has it read that again. Returns once it says so.
  /// `on_start` is called if it had to be started. errc::host_unavailable has
  /// its last words.
  error take_over(const shim::process_spec& spec, const std::string& generation,
                  const std::function<void()>& on_start) const;

  /// Whether it runs, as `spec` asks and by `generation`; says why not.
  std::string flaw(const shim::process_spec& spec,
                   const std::string& generation) const;

  process_facts look() const { return processes_.look(traits_.id); }

private:
  bool runs_as(const shim::process_spec& spec) const;
  std::string ask() const;
  error reload() const;
  error wait_for(const std::string& generation) const;

  const supervised_processes& processes_;
  traits traits_;
};

} // namespace provision
