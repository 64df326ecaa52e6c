#pragma once

#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "actors/decoder.hpp"
#include "actors/reservation_cache.hpp"
#include "messages/json/json.hpp"
#include "persistence/leveldb/leveldb_store.hpp"
#include "tests/actors/orders.hpp"
#include "tests/persistence/builders.hpp"
#include "tests/support/node_under_test.hpp"

/// A cache under test, on either store, and what it is given.
namespace provision::testing::caching {

struct in_memory {
  std::unique_ptr<reservation_store> open() {
    return std::make_unique<memory_reservation_store>(before_apply, contents);
  }

  memory_reservation_store::failure_func before_apply = {};
  std::shared_ptr<memory_contents> contents
    = std::make_shared<memory_contents>();
};

struct on_disk {
  std::unique_ptr<reservation_store> open() {
    return std::move(*open_leveldb_store(folder.file("store"), "node",
                                         from_unix(1'614'250'060)));
  }

  provision::test::temporary_folder folder = {};
};

using stores = boost::mpl::list<in_memory, on_disk>;

inline reservation with_version(reservation r, int version) {
  r.version = version;
  return r;
}

inline reservation until(reservation r, timestamp created,
                         std::chrono::nanoseconds duration) {
  r.created = created;
  r.duration = duration;
  return r;
}

inline reservation a_network(std::string id) {
  auto r = a_volume(std::move(id));
  r.type = reservation_types::network_resource;
  r.data = R"({"name":"home","network_iprange":"10.0.0.0/16"})";
  return r;
}

/// As it comes from the intake.
inline intake_entry an_entry(const reservation& r) {
  return decode(own_text(*json::write(r), text_form::reservation),
                a_node_key().node_id())
    .entry;
}

/// What a page's entry looks like that must not reach a provisioner.
inline intake_entry a_refusal(std::string id, result answer = {}) {
  intake_entry entry;
  entry.received = own_text("{broken", text_form::document);
  entry.refusal = {errc::malformed_input, "size: is no number"};
  entry.id = std::move(id);
  entry.signed_refusal = std::move(answer);
  return entry;
}

inline result an_outcome(const reservation& r, result_state state,
                         std::string text = {}) {
  return {.type = r.type,
          .id = r.id,
          .created = from_unix(1'614'250'061),
          .state = state,
          .error = std::move(text),
          .data = "null",
          .signature = "00ff"};
}

inline std::string kinds_of(const std::vector<outbox_row>& rows) {
  std::string text;
  for (auto& row : rows)
    text += (row.kind == report_kind::result ? "result " : "deleted ") + row.id
            + ";";
  return text;
}

template <class Store>
struct cache_on {
  cache_on() { reopen(); }

  void reopen() {
    cache.reset();
    cache = std::make_unique<reservation_cache>(where.open(), clock);
  }

  accepted_page accept(std::vector<intake_entry> entries,
                       std::vector<removal_order> removals = {}) {
    accept_page page{.source = "test",
                     .entries = std::move(entries),
                     .removals = std::move(removals)};
    return *cache->accept(std::move(page));
  }

  accepted_page accept(const reservation& r) { return accept({an_entry(r)}); }

  std::vector<standing> standings(std::vector<glance> of) {
    return cache->recall({std::move(of)})->standings;
  }

  settled_outcomes settle(intent work, record_state state) {
    auto ok = state == record_state::provisioned;
    auto what = *work.what;
    return *cache->settle(
      {{{.work = std::move(work),
         .state = state,
         .result = an_outcome(what, ok ? state_ok : state_error),
         .send_result = true,
         .send_deleted = !ok}}});
  }

  void run_it(const reservation& r) {
    auto page = accept(r);
    settle(page.intents.at(0), record_state::provisioned);
  }

  record find(const std::string& id) { return *cache->find(id)->row; }
  bool exists(const std::string& id) { return *cache->exists(id); }

  Store where = {};
  std::shared_ptr<manual_clock> clock = std::make_shared<manual_clock>();
  std::unique_ptr<reservation_cache> cache;
};

} // namespace provision::testing::caching
