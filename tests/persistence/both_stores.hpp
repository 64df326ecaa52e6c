#pragma once

#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>

#include <memory>
#include <utility>

#include "persistence/leveldb/leveldb_reservation_store.hpp"
#include "persistence/memory/memory_reservation_store.hpp"
#include "tests/persistence/builders.hpp"

/// What all stores must do alike is said once and run with each.
namespace provision::test {

struct in_memory {
  std::unique_ptr<reservation_store> store
    = std::make_unique<memory_reservation_store>(
      memory_reservation_store::failure_func{}, nullptr, 5);
};

struct in_leveldb {
  temporary_folder folder;
  std::unique_ptr<reservation_store> store
    = open_leveldb_store(folder.file("store"), "node-1", from_unix(1),
                         {.journal_rows_max = 5})
        .value();
};

/// A store and the batches that the cases feed it.
template <class Kind>
struct rig : Kind {
  reservation_store& store() { return *Kind::store; }

  error apply(transition_batch batch) {
    return store().apply(batch, durability::machine);
  }
  void put(record_put one) {
    BOOST_REQUIRE(!apply({.puts = {std::move(one)}}));
  }
};

using stores = boost::mpl::list<rig<in_memory>, rig<in_leveldb>>;

} // namespace provision::test
