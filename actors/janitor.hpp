#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "actors/atoms.hpp"
#include "actors/interfaces.hpp"
#include "actors/orphan.hpp"
#include "config/node_config.hpp"

namespace provision {

/// What a clean-up found.
struct cleanup_report {
  /// Objects without a live record: orphans.
  std::vector<orphan> orphans = {};
  std::size_t looked_at = 0;
};

/// An object and the type that it belongs to.
using typed_object = std::pair<reservation_type, held_object>;

/// The original's CleanupResources, as far as it is safe: compares what the
/// host has under our tags with what the store knows. What the store cannot
/// tell is kept off the list.
cleanup_report cleanup_resources(
  const std::vector<typed_object>& host,
  const std::function<reservation_fate(const std::string& id)>& fate_of);

struct janitor_peers {
  engine_actor engine = {};
  archive_actor cache = {};
  /// In the order in which their objects are removed.
  std::vector<inventory> inventories = {};
  std::shared_ptr<orphan_board> board = {};
  std::shared_ptr<const wall_clock> clock = {};
};

using janitor_impl
  = janitor_actor::extend<caf::reacts_to<atom::tick, std::uint64_t>>;

struct janitor_state {
  static inline const char* name = "janitor";

  explicit janitor_state(janitor_impl::pointer self) : self{self} {}

  /// One comparison on its way.
  struct round {
    std::vector<typed_object> host = {};
    /// Why something is missing in it; empty if nothing is.
    std::string gaps = {};
    std::map<std::string, reservation_fate> fates = {};
    /// Names of live reservations, if they had to be read.
    std::set<std::string> names = {};
    engine_status before = {};
  };
  using round_ptr = std::shared_ptr<round>;

  /// One removal on its way.
  struct removal {
    orphan what = {};
    /// An operator's order; else its time is over.
    std::string reason = {};
    std::optional<caf::typed_response_promise<done>> reply = {};
  };
  using removal_ptr = std::shared_ptr<removal>;

  // -- the steps of a comparison, in their order
  void look();
  void list_host(const round_ptr& now);
  void recall(const round_ptr& now, std::vector<std::string> ids);
  using name_set = std::shared_ptr<std::set<std::string>>;
  void read_names(std::string after, name_set all, std::function<void()> then,
                  std::function<void(const error&)> otherwise);
  void check_rest(const round_ptr& now);
  void compare(const round_ptr& now);
  void fail_round(const std::string& why);
  void end_round();

  // -- the steps of a removal, in their order
  caf::result<done> order(remove_orphan request);
  void next_due();
  void claim(const removal_ptr& work);
  void check_fate(const removal_ptr& work);
  void check_names(const removal_ptr& work);
  void remove(const removal_ptr& work);
  void end_removal(const removal_ptr& work, const error& failed);
  void postpone(orphan& what, const error& why);

  orphan* find(const std::string& key);
  void wait();

  janitor_impl::pointer self;
  janitor_peers peers = {};
  config::janitor_settings settings = {};
  orphan_report report = {};
  /// A comparison or a removal is on its way.
  bool busy = false;
  bool look_again = false;
  /// The last comparison left nothing out.
  bool is_whole = false;
  std::uint64_t generation = 0;
};

/// Compares the host with the records from time to time, once the engine has
/// worked through all that there was at the start, and while it rests. Reports
/// what no reservation wants; removes by itself only what an order or an end
/// has made go and nothing uses, after the time of quarantine, and only if it
/// is told to; what cannot be removed is tried again after pauses that grow.
/// These times begin anew with each process and are counted by the monotonic
/// clock. Spawn it detached: back-ends block.
janitor_impl::behavior_type
janitor(janitor_impl::stateful_pointer<janitor_state> self, janitor_peers peers,
        config::janitor_settings settings);

} // namespace provision
