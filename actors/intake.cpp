#include "actors/intake.hpp"

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "actors/caf_error.hpp"
#include "logging/log.hpp"

namespace provision {

namespace {

/// So few that waking another thread costs more than the work.
constexpr std::size_t few = 2;

/// Pause before the phonebook is asked again while it cannot be reached.
constexpr std::chrono::seconds key_retry_delay{5};

/// Puts a page in order. Undecodable entries keep their place at the end: they
/// reach nobody.
void sort_page(std::vector<intake_entry>& entries) {
  using place = std::pair<bool, page_place>;
  std::vector<std::pair<place, std::size_t>> places;
  places.reserve(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    auto& what = entries[i].what;
    places.emplace_back(
      place{!what, what ? place_in_page(*what) : page_place{}}, i);
  }
  std::sort(places.begin(), places.end());
  std::vector<intake_entry> sorted;
  sorted.reserve(entries.size());
  for (auto& [where, i] : places)
    sorted.push_back(std::move(entries[i]));
  entries = std::move(sorted);
}

/// Whose signature a document carries; nobody has the number 0.
std::int64_t customer_of(const document_ptr& document) {
  return document ? document->customer_tid : 0;
}

} // namespace

intake_impl::behavior_type
intake_behavior(intake_impl::stateful_pointer<intake_state> self,
                intake_peers peers, std::string node_id) {
  self->state.peers = std::move(peers);
  self->state.node_id = std::move(node_id);
  return {[=](next_page) { return self->state.ask(); },
          [=](found_key& found) {
            auto* way = self->state.find(found.passage);
            if (!way)
              return;
            way->keys.insert_or_assign(found.tid, std::move(found.key));
            if (--way->keys_awaited == 0)
              self->state.verify(*way);
          },
          [=](atom::retry, std::uint64_t number) {
            if (auto* way = self->state.find(number))
              self->state.look_up_keys(*way);
          }};
}

caf::result<intake_page> intake_state::ask() {
  asked = self->make_response_promise<intake_page>();
  auto reply = *asked;
  serve();
  fetch();
  return reply;
}

void intake_state::fetch() {
  auto wanted = peers.pages_ahead + (asked ? 1 : 0);
  if (fetching || ended || passages.size() >= wanted)
    return;
  fetching = true;
  self->request(peers.source, caf::infinite, next_page{})
    .then(
      [this](source_page& page) {
        fetching = false;
        ended = page.end_of_stream;
        begin(std::move(page));
        fetch();
      },
      [this](caf::error& err) {
        fetching = false;
        give_up(from_caf(err));
      });
}

void intake_state::begin(source_page page) {
  auto& way = *passages.emplace_back(std::make_unique<passage>());
  way.number = ++passages_begun;
  way.signatures = page.signatures;
  auto& made = way.page;
  made.source = std::move(page.source);
  made.removals = std::move(page.removals);
  made.cursor = page.cursor;
  made.asked = page.asked;
  made.history_end = page.history_end;
  made.end_of_stream = page.end_of_stream;
  made.released = std::move(page.released);
  way.received = std::move(page.documents);
  if (is_history && way.received.size() > few && may_settle(way))
    glance(way);
  else
    decode(way);
}

void intake_state::decode(passage& way) {
  way.page.entries.resize(way.received.size());
  way.documents.resize(way.received.size());
  if (way.received.empty())
    return finish(way);
  in_parts(way, [&](auto first, auto last, auto& decoder) {
    auto texts = way.received.begin();
    self
      ->request(
        decoder, caf::infinite,
        decode_documents{{texts + first, texts + last},
                         node_id,
                         way.signatures != config::signature_policy::off})
      .then(
        [this, first, number = way.number](decoded_documents& part) {
          if (auto* way = find(number))
            decoded(*way, first, std::move(part));
        },
        on_failure(way));
  });
}

void intake_state::in_parts(
  passage& way,
  const std::function<void(std::size_t, std::size_t, const decoder_actor&)>&
    ask) {
  // Enough work to outweigh a message, few enough to use every core on a short
  // page.
  constexpr std::size_t part_size = 32;
  auto count = way.received.size();
  for (std::size_t first = 0; first < count; first += part_size) {
    auto last = std::min(first + part_size, count);
    ask(first, last, decoder_for(last - first, way.parts++));
  }
}

std::function<void(caf::error&)> intake_state::on_failure(const passage& way) {
  return [this, number = way.number](caf::error& err) {
    if (find(number))
      give_up(from_caf(err));
  };
}

const decoder_actor& intake_state::decoder_for(std::size_t count,
                                               std::size_t part) const {
  return peers.decoder_at_hand && count <= few
           ? peers.decoder_at_hand
           : peers.decoders[part % peers.decoders.size()];
}

void intake_state::decoded(passage& way, std::size_t first,
                           decoded_documents part) {
  // Placed by index: the order of the answers does not matter.
  for (auto& document : part.documents) {
    way.documents[first] = std::move(document.document);
    way.page.entries[first++] = std::move(document.entry);
  }
  if (--way.parts > 0)
    return;
  if (way.signatures == config::signature_policy::off)
    return finish(way);
  if (!verify_early(way))
    recall_decoded(way);
}

/// Few documents whose users' keys are at hand cost less to verify than to ask
/// about. Only if one does not pass it matters whether it is known.
bool intake_state::verify_early(passage& way) {
  if (!peers.keys || !peers.decoder_at_hand || way.documents.size() > few)
    return false;
  auto which = signed_ones(way);
  for (auto i : which) {
    auto tid = customer_of(way.documents[i]);
    auto key = peers.keys->key_at_hand(tid);
    if (!key)
      return false;
    way.keys.insert_or_assign(tid, std::move(*key));
  }
  way.unverified = std::move(which);
  way.is_early = true;
  verify(way);
  return true;
}

std::vector<std::size_t> intake_state::signed_ones(const passage& way) {
  std::vector<std::size_t> which;
  auto& entries = way.page.entries;
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (entries[i].what && !entries[i].refusal)
      which.push_back(i);
  return which;
}

void intake_state::look_up_keys(passage& way) {
  std::set<std::int64_t> wanted;
  for (auto i : way.unverified)
    wanted.insert(customer_of(way.documents[i]));
  way.keys_awaited = wanted.size();
  if (wanted.empty() || !peers.keys)
    return verify(way);
  for (auto tid : wanted)
    peers.keys->find_user_key(
      tid, [handle = caf::actor_cast<intake_impl>(self), tid,
            number = way.number](expected<std::string> key) {
        caf::anon_send(handle, found_key{number, tid, std::move(key)});
      });
}

void intake_state::verify(passage& way) {
  std::vector<std::size_t> which;
  error unavailable;
  for (auto i : way.unverified) {
    auto key = way.keys.find(customer_of(way.documents[i]));
    if (key != way.keys.end() && key->second) {
      which.push_back(i);
      continue;
    }
    auto why = key == way.keys.end()
                 ? error{errc::unknown_user, "no phonebook is configured"}
                 : key->second.error();
    if (why.code == errc::unknown_user)
      judge(way, {i}, {std::move(why)});
    else
      unavailable = std::move(why);
  }
  if (unavailable && way.signatures == config::signature_policy::enforce)
    return wait_for_keys(way, unavailable);
  if (which.empty())
    return finish(way);
  // Spread over the decoders; answers are placed by index.
  auto workers = way.is_early ? std::size_t{1} : peers.decoders.size();
  auto share = (which.size() + workers - 1) / workers;
  way.parts = 0;
  for (std::size_t first = 0; first < which.size(); first += share) {
    auto last = std::min(first + share, which.size());
    std::vector<std::size_t> places(which.begin() + first,
                                    which.begin() + last);
    self
      ->request(decoder_for(last - first, way.parts++), caf::infinite,
                verification_of(way, places))
      .then(
        [this, places, number = way.number](verdicts& answer) {
          if (auto* way = find(number))
            verified(*way, places, answer.errors);
        },
        on_failure(way));
  }
}

/// What is to be verified. Nobody reads these documents afterwards, so that
/// they end on the threads of the decoders, which have made them.
verify_documents
intake_state::verification_of(passage& way,
                              const std::vector<std::size_t>& places) {
  verify_documents question;
  question.items.reserve(places.size());
  for (auto i : places) {
    auto& key = *way.keys.at(customer_of(way.documents[i]));
    auto& document = way.documents[i];
    question.items.push_back(
      {way.is_early ? document : std::move(document), key});
  }
  return question;
}

void intake_state::verified(passage& way, const std::vector<std::size_t>& which,
                            const std::vector<error>& errors) {
  const bool all_pass = std::ranges::none_of(errors, &error::operator bool);
  if (way.is_early && !all_pass) {
    way.is_early = false;
    way.unverified.clear();
    return recall_decoded(way);
  }
  judge(way, which, errors);
  if (--way.parts == 0)
    finish(way);
}

void intake_state::wait_for_keys(const passage& way, const error& why) {
  // Nobody can say yet: the whole page waits, in order, until somebody can.
  log::warn("customer keys are not available, the page waits: " + why.message);
  self->delayed_send(self, key_retry_delay, atom::retry::value, way.number);
}

void intake_state::judge(passage& way, const std::vector<std::size_t>& which,
                         const std::vector<error>& errors) {
  for (std::size_t i = 0; i < which.size(); ++i) {
    if (!errors[i])
      continue;
    auto& entry = way.page.entries[which[i]];
    if (way.signatures == config::signature_policy::enforce)
      entry.refusal = errors[i];
    else
      log::debug("customer signature does not match: " + errors[i].message,
                 entry.what->id);
  }
}

void intake_state::finish(passage& way) {
  sort_page(way.page.entries);
  way.is_finished = true;
  serve();
}

/// Pages leave in the order in which they came, whichever is finished first.
void intake_state::serve() {
  if (!asked || passages.empty() || !passages.front()->is_finished)
    return;
  auto done = std::move(passages.front());
  passages.pop_front();
  asked->deliver(std::move(done->page));
  asked.reset();
  fetch();
}

intake_state::passage* intake_state::find(std::uint64_t number) {
  for (auto& way : passages)
    if (way->number == number && !way->is_finished)
      return way.get();
  return nullptr;
}

void intake_state::give_up(error reason) {
  // The pages are lost here, but not to the node: their cursors were never
  // stored, and the source hands them over again with its history.
  if (!passages.empty())
    self->send(peers.source, reconcile_source{});
  passages.clear();
  ended = false;
  if (!asked)
    return;
  asked->deliver(to_caf(reason));
  asked.reset();
}

} // namespace provision
