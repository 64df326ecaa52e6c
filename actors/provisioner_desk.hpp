#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "actors/engine_impl.hpp"
#include "config/node_config.hpp"

namespace provision {

/// Makes the actor of one type; called at start and after it hung or died.
using provisioner_factory = std::function<provisioner_actor()>;

/// Where the engine asks provisioners, one call at a time. It keeps what each
/// type's provisioner is worth:
///
///     serving ──deadline missed, actor died──▶ degraded ──▶ probe ok: serving
///        └─────infrastructure errors, too many restarts──▶ suspended ──▶ same
///
/// A provisioner that misses its deadline is fenced: its actor is replaced and
/// what it says later is ignored. A type that does not serve is probed, later
/// and later, each probe with a deadline of its own. Part of the engine actor:
/// no thread, no lock.
class provisioner_desk {
public:
  using clock = std::chrono::steady_clock;
  template <class Reply>
  using answer_func = std::function<void(expected<Reply>)>;

  explicit provisioner_desk(engine_impl::pointer self) : self_{self} {}
  provisioner_desk(const provisioner_desk&) = delete;
  provisioner_desk& operator=(const provisioner_desk&) = delete;
  /// Ends the provisioners: one with an open socket would not end by itself.
  ~provisioner_desk();

  /// Once, before anything else. `on_serving` hears of a type that serves
  /// again.
  void open(std::map<reservation_type, provisioner_factory> factories,
            config::engine_settings settings, std::function<double()> random,
            std::function<timestamp()> now,
            std::function<void(const reservation_type&)> on_serving);

  bool offers(const reservation_type& type) const;
  /// Makes the provisioner of a type that is offered, before anybody calls it.
  void occupy(const reservation_type& type) { occupied(seats_.at(type)); }

  /// Why a reservation of this type has to wait; empty if it need not.
  std::string objection(const reservation_type& type) const;
  /// As objection(), for new work: it also waits for a cordon.
  std::string objection_to_new(const reservation_type& type) const;

  /// An operator keeps new work away from a type; without name: from all.
  void cordon(const reservation_type& type, bool on);
  bool all_cordoned() const noexcept { return all_cordoned_; }

  /// Asks the type's provisioner, which must be offered. `then` hears its
  /// answer, or errc::deadline_exceeded, or errc::provisioner_crashed; once.
  /// No other call may be awaited.
  void provision(reservation_ptr what, answer_func<provisioned_workload> then);
  void decommission(reservation_ptr what, answer_func<done> then);

  /// How long the call that is awaited may take; zero if none is.
  std::chrono::milliseconds patience() const noexcept {
    return awaited_ ? awaited_->patience : std::chrono::milliseconds{0};
  }

  /// An actor has ended; nothing happens if it is none of ours.
  void down(const caf::actor_addr& who, const caf::error& reason);
  /// The engine's timers, handed on.
  void deadline_due(std::uint64_t generation);
  void probe_due(const std::string& type, std::uint64_t generation);

  /// One row per type that is offered; what waits is not known here.
  std::vector<type_status> status() const;

private:
  struct seat {
    provisioner_factory make = {};
    provisioner_actor handle = {};
    type_status status = {};
    /// Failures since the last call that was answered.
    std::uint32_t strikes = 0;
    /// Reservations that met infrastructure errors since then.
    std::set<std::string> troubled = {};
    /// When its provisioners were replaced, as far as it matters.
    std::deque<clock::time_point> restarts = {};
    /// Tells the probe or pause that is awaited from older ones.
    std::uint64_t generation = 0;
    bool probing = false;
  };

  /// The call that is awaited.
  struct call {
    reservation_type type = {};
    std::uint64_t number = 0;
    clock::time_point deadline = {};
    std::chrono::milliseconds patience = {};
    std::function<void(error)> give_up = {};
  };

  template <class Reply, class Request>
  void ask(const reservation& what, std::chrono::milliseconds patience,
           Request request, answer_func<Reply> then);
  void watch_deadline();
  /// Whether `number` is the call that is awaited; then it is no more.
  bool close_call(std::uint64_t number);
  void answered(const reservation_type& type, const std::string& id,
                const error& failure);
  void late(const reservation_type& type, const std::string& id);

  provisioner_actor& occupied(seat& where);
  void fence(seat& where);
  void stumbled(seat& where, error why);
  void suspend(seat& where, error why);
  void await_probe(seat& where);
  void probe(seat& where);
  void probe_failed(seat& where, error why);
  void serve(seat& where);
  std::chrono::nanoseconds pause_before_probe(seat& where);

  std::chrono::milliseconds
  patience(const reservation_type& type,
           std::chrono::milliseconds config::call_deadlines::*kind) const;

  engine_impl::pointer self_;
  config::engine_settings settings_ = {};
  std::function<double()> random_ = {};
  std::function<timestamp()> now_ = {};
  std::function<void(const reservation_type&)> on_serving_ = {};
  std::map<reservation_type, seat> seats_ = {};
  bool all_cordoned_ = false;
  std::optional<call> awaited_ = {};
  std::uint64_t calls_made_ = 0;
  /// The one deadline timer that counts, and when it is due.
  std::uint64_t timer_ = 0;
  std::optional<clock::time_point> timer_due_ = {};
};

} // namespace provision
