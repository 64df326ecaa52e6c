#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "explorer/simulated/cloud_units.hpp"
#include "messages/error.hpp"

namespace provision::simulated {

/// Capacity that a user bought, and how fast it is used up.
class pool {
public:
  std::int64_t id = 0;
  std::int64_t customer_tid = 0;
  std::int64_t sponsor_tid = 0;
  /// Nodes that it may be used on.
  std::vector<std::string> node_ids = {};

  /// A pool without capacity; it never empties while nothing uses it.
  static pool empty(std::int64_t id, std::int64_t now);

  void add_capacity(const cloud_units& bought, std::int64_t now);

  /// Starts or ends the use by a workload; safe to repeat.
  void add_workload(std::int64_t workload, const cloud_units& used,
                    std::int64_t now);
  void remove_workload(std::int64_t workload, const cloud_units& used,
                       std::int64_t now);

  /// Brings what is left up to date.
  void sync(std::int64_t now);

  bool allows(std::string_view node_id) const;

  /// Whether `used` takes of something that has run out.
  bool lacks(const cloud_units& used) const;

  /// Unix seconds when the first of the units runs out at the present use.
  std::int64_t empty_at() const noexcept { return empty_at_; }

  /// empty_at() if the workload used the pool, too.
  std::int64_t empty_at_with(std::int64_t workload, const cloud_units& used,
                             std::int64_t now) const;

  /// The original's JSON; read() takes it back.
  std::string write() const;
  static expected<pool> read(std::string_view json);

private:
  /// The part that does not grow with the number of workloads.
  struct meter {
    cloud_units left = {};
    cloud_units active = {};
    std::int64_t last_updated = 0;

    void sync(std::int64_t now);
    void start(const cloud_units& used);
    void stop(const cloud_units& used);
    std::int64_t end() const;
  };

  meter meter_ = {};
  std::int64_t empty_at_ = std::numeric_limits<std::int64_t>::max();
  std::vector<std::int64_t> workloads_ = {};
  /// Where a workload stands in workloads_.
  std::unordered_map<std::int64_t, std::size_t> places_ = {};
};

/// The pools, by id, and which empties next.
class pool_book {
public:
  const pool* find(std::int64_t id) const;
  void put(pool changed);

  /// Changes a pool in place; it must exist.
  template <class Change>
  void update(std::int64_t id, Change change) {
    auto& entry = pools_.at(id);
    ends_.erase({entry.empty_at(), id});
    change(entry);
    ends_.insert({entry.empty_at(), id});
  }

  /// A pool that has become empty by `now`, each once until it changes; 0 if
  /// there is none.
  std::int64_t take_emptied(std::int64_t now);

  const std::map<std::int64_t, pool>& all() const noexcept { return pools_; }

private:
  std::map<std::int64_t, pool> pools_;
  std::set<std::pair<std::int64_t, std::int64_t>> ends_;
};

/// What a user orders with POST /reservations/pools.
struct pool_order {
  struct contents {
    std::int64_t pool_id = 0;
    std::uint64_t cus = 0;
    std::uint64_t sus = 0;
    std::uint64_t ipv4us = 0;
    std::optional<std::vector<std::string>> node_ids = {};
    std::optional<std::vector<std::string>> currencies = {};

    bool operator==(const contents&) const = default;
  };

  /// What is signed; says the same as `data`.
  std::string json = {};
  contents data = {};
  std::int64_t customer_tid = 0;
  std::string customer_signature = {};
  std::int64_t sponsor_tid = 0;
  std::string sponsor_signature = {};
};

expected<pool_order> read_pool_order(std::string_view json);

/// The first broken rule, in the original's words.
error validate(const pool_order& order);

/// The text that is both data_reservation and, quoted, json.
std::string write(const pool_order::contents& data);

/// The body of the order.
std::string write(const pool_order& order);

} // namespace provision::simulated
