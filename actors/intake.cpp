#include "actors/intake.hpp"

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <chrono>
#include <set>

#include "actors/caf_error.hpp"
#include "logging/log.hpp"

namespace provision {

namespace {

/// Documents that one decoder gets at a time: enough work to outweigh a
/// message, few enough to use every core on a short page.
constexpr std::size_t part_size = 32;

/// Pause before the phonebook is asked again while it cannot be reached.
constexpr std::chrono::seconds key_retry_delay{5};

/// Undecodable entries keep their place at the end: they reach nobody.
bool before(const intake_entry& a, const intake_entry& b) {
  if (!a.what || !b.what)
    return a.what && !b.what;
  return before_in_page(*a.what, *b.what);
}

} // namespace

intake_impl::behavior_type
intake_behavior(intake_impl::stateful_pointer<intake_state> self,
                intake_peers peers, std::string node_id) {
  self->state.peers = std::move(peers);
  self->state.node_id = std::move(node_id);
  return {[=](next_page) { return self->state.ask(); },
          [=](found_key& found) {
            auto& passage = self->state.current;
            if (!passage)
              return;
            passage->keys.insert_or_assign(found.tid, std::move(found.key));
            if (--passage->keys_awaited == 0)
              self->state.verify();
          },
          [=](atom::retry) { self->state.look_up_keys(); }};
}

caf::result<intake_page> intake_state::ask() {
  asked = self->make_response_promise<intake_page>();
  fetch();
  return *asked;
}

void intake_state::fetch() {
  self->request(peers.source, caf::infinite, next_page{})
    .then([this](source_page& page) { decode(std::move(page)); },
          [this](caf::error& err) { give_up(from_caf(err)); });
}

void intake_state::decode(source_page page) {
  current = std::make_unique<passage>();
  current->number = ++pages_begun;
  current->signatures = page.signatures;
  auto& made = current->page;
  made.source = std::move(page.source);
  made.removals = std::move(page.removals);
  made.cursor = page.cursor;
  made.asked = page.asked;
  made.history_end = page.history_end;
  made.end_of_stream = page.end_of_stream;
  made.released = std::move(page.released);
  made.entries.resize(page.documents.size());
  current->tids.resize(page.documents.size());
  if (page.documents.empty())
    return hand_over();
  for (std::size_t first = 0; first < page.documents.size();
       first += part_size) {
    auto last = std::min(first + part_size, page.documents.size());
    decode_documents part{
      {page.documents.begin() + first, page.documents.begin() + last}, node_id};
    auto& decoder = peers.decoders[current->parts++ % peers.decoders.size()];
    self->request(decoder, caf::infinite, std::move(part))
      .then(
        [this, first, number = pages_begun](decoded_documents& part) {
          if (is_current(number))
            decoded(first, std::move(part));
        },
        [this, number = pages_begun](caf::error& err) {
          if (is_current(number))
            give_up(from_caf(err));
        });
  }
}

void intake_state::decoded(std::size_t first, decoded_documents part) {
  // Placed by index: the order of the answers does not matter.
  for (auto& document : part.documents) {
    current->tids[first] = document.customer_tid;
    current->page.entries[first++] = std::move(document.entry);
  }
  if (--current->parts > 0)
    return;
  if (current->signatures == config::signature_policy::off)
    return hand_over();
  recall();
}

void intake_state::recall() {
  recall_ids question;
  std::vector<std::size_t> asked_for;
  auto& entries = current->page.entries;
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (entries[i].what && !entries[i].refusal) {
      question.ids.emplace_back(entries[i].what->id, entries[i].what->version);
      asked_for.push_back(i);
    }
  self->request(peers.cache, caf::infinite, std::move(question))
    .then(
      [this, asked_for](recalled_ids& answer) {
        // What is known was verified when it was new; only id, version and
        // the wish to delete are read of it from now on.
        for (std::size_t i = 0; i < asked_for.size(); ++i)
          if (!answer.known[i])
            current->unverified.push_back(asked_for[i]);
        look_up_keys();
      },
      [this, asked_for](caf::error&) {
        // A store that cannot be read makes nothing known: verify all.
        current->unverified = asked_for;
        look_up_keys();
      });
}

void intake_state::look_up_keys() {
  std::set<std::int64_t> wanted;
  for (auto i : current->unverified)
    wanted.insert(current->tids[i]);
  current->keys_awaited = wanted.size();
  if (wanted.empty() || !peers.keys)
    return verify();
  for (auto tid : wanted)
    peers.keys->find_user_key(tid, [handle = caf::actor_cast<intake_impl>(self),
                                    tid](expected<std::string> key) {
      caf::anon_send(handle, found_key{tid, std::move(key)});
    });
}

void intake_state::verify() {
  std::vector<std::size_t> which;
  verify_documents question;
  error unavailable;
  for (auto i : current->unverified) {
    auto key = current->keys.find(current->tids[i]);
    if (key != current->keys.end() && key->second) {
      question.items.push_back(
        {current->page.entries[i].received, *key->second});
      which.push_back(i);
      continue;
    }
    auto why = key == current->keys.end()
                 ? error{errc::unknown_user, "no phonebook is configured"}
                 : key->second.error();
    if (why.code == errc::unknown_user)
      judge({i}, {std::move(why)});
    else
      unavailable = std::move(why);
  }
  if (unavailable && current->signatures == config::signature_policy::enforce)
    return wait_for_keys(unavailable);
  if (which.empty())
    return hand_over();
  // Spread over the decoders; answers are placed by index.
  auto share
    = (which.size() + peers.decoders.size() - 1) / peers.decoders.size();
  current->parts = 0;
  for (std::size_t first = 0; first < which.size(); first += share) {
    auto last = std::min(first + share, which.size());
    verify_documents part{
      {question.items.begin() + first, question.items.begin() + last}};
    std::vector<std::size_t> places(which.begin() + first,
                                    which.begin() + last);
    auto& decoder = peers.decoders[current->parts++ % peers.decoders.size()];
    self->request(decoder, caf::infinite, std::move(part))
      .then(
        [this, places, number = pages_begun](verdicts& answer) {
          if (!is_current(number))
            return;
          judge(places, answer.errors);
          if (--current->parts == 0)
            hand_over();
        },
        [this, number = pages_begun](caf::error& err) {
          if (is_current(number))
            give_up(from_caf(err));
        });
  }
}

void intake_state::wait_for_keys(const error& why) {
  // Nobody can say yet: the whole page waits, in order, until somebody can.
  log::warn("customer keys are not available, the page waits: " + why.message);
  self->delayed_send(self, key_retry_delay, atom::retry::value);
}

void intake_state::judge(const std::vector<std::size_t>& which,
                         const std::vector<error>& errors) {
  for (std::size_t i = 0; i < which.size(); ++i) {
    if (!errors[i])
      continue;
    auto& entry = current->page.entries[which[i]];
    if (current->signatures == config::signature_policy::enforce)
      entry.refusal = errors[i];
    else
      log::debug("customer signature does not match: " + errors[i].message,
                 entry.what->id);
  }
}

void intake_state::hand_over() {
  auto done = std::move(current);
  std::stable_sort(done->page.entries.begin(), done->page.entries.end(),
                   before);
  asked->deliver(std::move(done->page));
  asked.reset();
}

bool intake_state::is_current(std::uint64_t number) const {
  return current && current->number == number;
}

void intake_state::give_up(error reason) {
  // The page is lost here, but not to the node: its cursor was never stored,
  // and the source hands it over again with its history.
  if (current)
    self->send(peers.source, reconcile_source{});
  current.reset();
  if (!asked)
    return;
  asked->deliver(to_caf(reason));
  asked.reset();
}

} // namespace provision
