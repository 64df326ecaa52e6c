#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "messages/documents/document.hpp"

namespace provision::simulated {

/// The workloads, by id. An index per node of those that a poll can yield
/// keeps a poll independent of how many there are in all.
class workload_book {
public:
  /// nullptr if there is none.
  const documents::workload* find(std::int64_t id) const;

  void put(documents::workload w);

  /// Changes a workload in place; it must exist.
  template <class Change>
  void update(std::int64_t id, Change change) {
    auto& w = workloads_.at(id);
    forget(w);
    change(w);
    index(w);
  }

  /// Those of the node with an id of `from` and up that are to be deployed
  /// or removed, by id, `limit` at most.
  std::vector<const documents::workload*>
  due(const std::string& node_id, std::int64_t from, std::size_t limit) const;

  /// The deployed ones that use the pool.
  std::vector<std::int64_t> deployed_in(std::int64_t pool_id) const;

  const std::map<std::int64_t, documents::workload>& all() const noexcept {
    return workloads_;
  }

private:
  void index(const documents::workload& w);
  void forget(const documents::workload& w);

  std::map<std::int64_t, documents::workload> workloads_;
  std::map<std::string, std::set<std::int64_t>, std::less<>> due_;
};

/// Snapshots that wait for their node, in the order of their arrival: what a
/// poll yields when it finds nothing new.
class workload_queue {
public:
  /// Replaces the snapshot of the same workload, which keeps its place.
  void put(documents::workload snapshot);
  void remove(std::int64_t id);

  std::vector<const documents::workload*> first(const std::string& node_id,
                                                std::size_t limit) const;

  /// All of them, in order.
  std::vector<const documents::workload*> all() const;

  std::size_t size() const noexcept { return places_.size(); }

private:
  struct place {
    std::string node_id = {};
    std::uint64_t number = 0;
  };

  std::map<std::string, std::map<std::uint64_t, documents::workload>> nodes_;
  std::map<std::int64_t, place> places_;
  std::uint64_t arrived_ = 0;
};

} // namespace provision::simulated
