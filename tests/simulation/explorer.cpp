#include "tests/simulation/explorer.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "identity/document_signature.hpp"
#include "messages/json/json.hpp"

namespace provision::simulation {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t page_size = 20;
constexpr std::int64_t user_count = 3;

node_key user_key(std::int64_t tid) {
  std::string seed(32, static_cast<char>('a' + tid));
  return *node_key::from_seed(secret{seed});
}

} // namespace

sim_explorer::sim_explorer(parts around, chance luck, bool bad_conduct,
                           bool bad_documents, bool signs)
  : around_{std::move(around)}, luck_{luck}, bad_conduct_{bad_conduct},
    bad_documents_{bad_documents}, signs_{signs} {
  for (std::int64_t tid = 1; tid <= user_count + 1; ++tid)
    users_.push_back(user_key(tid));
}

// -- the customers ------------------------------------------------------------

void sim_explorer::plan_customers(unsigned count,
                                  std::chrono::nanoseconds span) {
  left_to_do_ = count;
  for (unsigned i = 0; i < count; ++i)
    around_.time.in(std::chrono::nanoseconds{static_cast<std::int64_t>(
                      luck_.below(static_cast<std::uint64_t>(span.count())))},
                    [this] { make_reservation(); });
}

void sim_explorer::make_reservation() {
  entry made;
  made.number = ++last_;
  made.id = std::to_string(made.number) + "-1";
  // Of each reservation its own row of numbers: one fewer changes no other.
  auto luck = luck_.branch(made.id);
  auto& about = around_.known[made.id];
  about.id = made.id;
  if (!signs_ && luck.percent(25))
    make_short_lived(made, about, luck);
  else
    make_document(made, about, luck);
  if (bad_documents_ && luck.percent(12))
    spoil(made, about, luck);
  if (bad_conduct_)
    draw_conduct(about, luck);
  around_.log.note("customer makes " + made.id + " " + about.type);
  if (luck.percent(40)) {
    ++left_to_do_;
    around_.time.in(std::chrono::milliseconds{luck.between(1, 300'000)},
                    [this, number = made.number] { order_deletion(number); });
  }
  --left_to_do_;
  numbers_[made.id] = made.number;
  all_[made.number] = std::move(made);
}

void sim_explorer::make_document(entry& made, fact& about, chance& luck) {
  auto& w = made.document;
  w.id = static_cast<std::int64_t>(made.number);
  w.workload_id = 1;
  w.node_id = around_.node_id;
  w.pool_id = 11;
  w.customer_tid = static_cast<std::int64_t>(luck.between(1, user_count));
  w.next_action = documents::next_action::deploy;
  w.epoch = around_.clock.now();
  w.version = 2;
  if (luck.percent(40)) {
    w.type = static_cast<std::uint8_t>(workload_type::zdb);
    w.content = documents::zdb{
      .size = static_cast<std::int64_t>(luck.between(1, 20)), .disk_type = 1};
    about.type = "zdb";
  } else {
    w.type = static_cast<std::uint8_t>(workload_type::volume);
    w.content
      = documents::volume{static_cast<std::int64_t>(luck.between(1, 20)), 1};
    about.type = "volume";
  }
  about.version = 2;
  if (signs_)
    w.customer_signature = customer_signature(
      w, users_[static_cast<std::size_t>(w.customer_tid - 1)]);
}

void sim_explorer::make_short_lived(entry& made, fact& about, chance& luck) {
  reservation r;
  r.id = made.id;
  r.node_id = around_.node_id;
  r.user_id = "2";
  r.type = reservation_types::volume;
  r.data
    = "{\"size\":" + std::to_string(luck.between(1, 20)) + R"(,"type":"hdd"})";
  r.created = around_.clock.now();
  r.duration = std::chrono::milliseconds{luck.between(1'000, 400'000)};
  r.version = 1;
  about.type = "volume";
  about.version = 1;
  about.expires = r.expires_at();
  made.short_lived = std::move(r);
}

void sim_explorer::spoil(entry& made, fact& about, chance& luck) {
  switch (luck.below(signs_ ? 3 : 2)) {
  case 0:
    about.unreadable = true;
    made.garbage = luck.one_in(2)
                     ? "{\"id\":" + std::to_string(made.number)
                         + R"(,"workload_id":1,"workload_type":2,"size":"x"})"
                     : "[\"nonsense\"," + std::to_string(made.number) + "]";
    break;
  case 1:
    about.for_other_node = true;
    made.document.node_id = "another-node";
    if (made.short_lived)
      made.short_lived->node_id = "another-node";
    break;
  default:
    about.forged = true;
    // Signed by somebody else.
    made.document.customer_signature
      = customer_signature(made.document, users_.back());
  }
}

void sim_explorer::draw_conduct(fact& about, chance& luck) const {
  using enum conduct;
  constexpr std::array<conduct, 6> bad{slow, fails, throws, hangs, dies, kills};
  if (luck.percent(35))
    about.on_provision = bad[luck.below(luck.one_in(4) ? 6 : 5)];
  if (luck.percent(25)) {
    about.removal_failures = static_cast<unsigned>(luck.between(1, 3));
    about.on_decommission = bad[luck.below(5)];
  }
}

void sim_explorer::order_deletion(std::uint64_t number) {
  --left_to_do_;
  auto& what = all_.at(number);
  if (what.deleted || around_.known[what.id].for_other_node)
    return;
  around_.log.note("customer deletes " + what.id);
  around_.known[what.id].deletion_ordered = true;
  what.wants_deployment = false;
  what.is_queued = true;
  what.document.next_action = documents::next_action::remove;
  if (what.short_lived)
    what.short_lived->to_delete = true;
}

// -- polls --------------------------------------------------------------------

std::chrono::nanoseconds sim_explorer::latency() {
  return std::chrono::microseconds{luck_.between(500, 80'000)};
}

void sim_explorer::calm() {
  calm_ = true;
  away = flaky = false;
  date_ahead = 0ns;
}

/// Also an answer that tells of a failure bears a date.
void sim_explorer::show_date(const error& wrong) {
  if (!wrong || wrong.code != errc::explorer_unreachable)
    on_date(saturating_add(around_.clock.now(), date_ahead));
}

/// What the request meets on its way.
error sim_explorer::trouble() {
  if (away)
    return {errc::explorer_unreachable, "connection refused"};
  if (!flaky || luck_.percent(65))
    return {};
  switch (luck_.below(3)) {
  case 0:
    return {errc::explorer_failed, "503 Service Unavailable", 503};
  case 1:
    return {errc::explorer_unreachable, "no answer within 30 s"};
  default:
    return {errc::explorer_failed, "500 Internal Server Error", 500};
  }
}

void sim_explorer::poll(std::uint64_t from,
                        std::function<void(poll_page, error)> done) {
  auto wrong = trouble();
  auto span = wrong.detail == 0 && wrong && !away ? 30s : latency();
  around_.time.in(span, [this, from, wrong, done, life = lives_] {
    if (life != lives_)
      return;
    show_date(wrong);
    if (wrong) {
      around_.log.note("poll from " + std::to_string(from)
                       + " fails: " + wrong.message);
      return done({}, wrong);
    }
    done(due(from), {});
  });
}

received_text sim_explorer::show(const entry& what) const {
  if (!what.garbage.empty())
    return own_text(what.garbage, text_form::document);
  if (what.short_lived)
    return own_text(*json::write(*what.short_lived), text_form::reservation);
  return own_text(json::write(what.document), text_form::document);
}

/// As the original: the history from an id on; once that is exhausted, what
/// waits for a report.
poll_page sim_explorer::due(std::uint64_t from) {
  poll_page page;
  std::vector<const entry*> chosen;
  page.last_id = from;
  for (auto at = all_.lower_bound(from);
       at != all_.end() && chosen.size() < page_size; ++at)
    chosen.push_back(&at->second);
  if (chosen.empty())
    choose_queued(chosen);
  for (auto* each : chosen)
    page.last_id = std::max(page.last_id, each->number);
  if (chosen.empty())
    page.last_id = last_;
  disturb(chosen);
  handed_page handed{.cursor = page.last_id + 1};
  std::string names;
  for (auto* each : chosen) {
    page.documents.push_back(show(*each));
    handed.documents.push_back(
      {each->id, std::string{page.documents.back().text}});
    names += " " + each->id + (each->wants_deployment ? "" : "!");
  }
  around_.checks.handed_over(std::move(handed));
  around_.log.note("poll from " + std::to_string(from) + ":" + names);
  return page;
}

/// What nobody answers stays in the queue; the original has few such at most,
/// and room for 200.
void sim_explorer::choose_queued(std::vector<const entry*>& chosen) const {
  std::size_t hopeless = 0;
  for (auto& [number, each] : all_) {
    if (chosen.size() == page_size || !each.is_queued)
      continue;
    if (expects_answer(each) || ++hopeless <= page_size / 2)
      chosen.push_back(&each);
  }
}

bool sim_explorer::expects_answer(const entry& what) const {
  auto& about = around_.known.at(what.id);
  return !about.for_other_node
         && (!about.unreadable
             || what.garbage.find("workload_type") != std::string::npos);
}

/// Duplicates, another order, an earlier document once more.
void sim_explorer::disturb(std::vector<const entry*>& page) {
  if (!flaky || page.empty())
    return;
  if (luck_.one_in(3))
    page.push_back(page[luck_.below(page.size())]);
  if (luck_.one_in(3))
    page.push_back(&std::next(all_.begin(), static_cast<std::ptrdiff_t>(
                                              luck_.below(all_.size())))
                      ->second);
  if (luck_.one_in(3))
    for (auto i = page.size(); i > 1; --i)
      std::swap(page[i - 1], page[luck_.below(i)]);
}

// -- reports ------------------------------------------------------------------

void sim_explorer::report(report_kind kind, const std::string& id,
                          const std::string& body, feedbacker::callback done) {
  around_.checks.sending(kind, id, body);
  auto wrong = trouble();
  // Some answers are lost, not the reports.
  bool arrives = !wrong || (!away && luck_.one_in(2));
  auto there = latency();
  around_.time.in(there, [=, this] {
    auto text = (kind == report_kind::result ? "result " : "deleted ") + id;
    auto answer = wrong;
    if (arrives) {
      auto number = numbers_.find(id);
      if (number == numbers_.end()) {
        answer = {errc::explorer_refused, "404 Not Found", 404};
      } else {
        around_.checks.taken(kind, id, body);
        auto& what = all_.at(number->second);
        // Whatever waits for this reservation, also a deletion since.
        what.is_queued = false;
        if (kind == report_kind::result)
          take_result(what, body);
        else
          what.deleted = true;
      }
    }
    around_.log.note(text + (arrives ? " arrives" : " is lost")
                     + (answer ? ", answered " + answer.message : ""));
    around_.time.in(latency(), [done, answer] { done(answer); });
  });
}

void sim_explorer::take_result(entry& what, const std::string& body) {
  auto result = json::read_workload_result(body);
  if (!result)
    return around_.checks.fail("P3", "result of " + what.id
                                       + " cannot be read: " + body);
  what.has_result = true;
  what.document.result = *result;
  if (what.short_lived) {
    auto& known = what.short_lived->result;
    known.type = what.short_lived->type;
    known.id = what.id;
    known.created = around_.clock.now();
    known.state = result->state;
    known.error = result->message;
    known.data = result->data_json;
    known.signature = result->signature;
  }
}

void sim_explorer::find_user_key(
  std::int64_t tid, std::function<void(expected<std::string>)> done) {
  auto wrong = trouble();
  around_.time.in(latency(), [=, this] {
    if (wrong)
      return done(fail(wrong));
    if (tid < 1 || tid > user_count)
      return done(fail(errc::unknown_user, "no such user"));
    done(users_[static_cast<std::size_t>(tid - 1)].public_key());
  });
}

std::vector<std::string> sim_explorer::unanswered() const {
  std::vector<std::string> waiting;
  for (auto& [number, each] : all_) {
    if (!expects_answer(each) || around_.known.at(each.id).damaged
        || each.deleted)
      continue;
    if (!each.wants_deployment || !each.has_result)
      waiting.push_back(each.id);
  }
  return waiting;
}

std::string sim_explorer::state_of(const std::string& id) const {
  auto number = numbers_.find(id);
  if (number == numbers_.end())
    return {};
  auto& what = all_.at(number->second);
  if (what.deleted)
    return what.has_result && what.document.result.state == result_state::error
             ? "error"
             : "deleted";
  if (!what.has_result)
    return {};
  return std::string{to_string(what.document.result.state)};
}

std::string sim_explorer::message_of(const std::string& id) const {
  auto number = numbers_.find(id);
  return number == numbers_.end()
           ? std::string{}
           : all_.at(number->second).document.result.message;
}

// -- one life of the node -----------------------------------------------------

void explorer_link::poll(const std::string&, std::uint64_t from,
                         std::function<void(poll_page, error)> done) {
  if (explorer_)
    explorer_->poll(from, std::move(done));
}

void explorer_link::feedback(const std::string&, const std::string& id,
                             const std::string& body, callback done) {
  if (explorer_)
    explorer_->report(report_kind::result, id, body, std::move(done));
}

void explorer_link::deleted(const std::string&, const std::string& id,
                            callback done) {
  if (explorer_)
    explorer_->report(report_kind::deleted, id, {}, std::move(done));
}

void explorer_link::update_stats(const std::string&, const workload_amount&,
                                 const resource_amount&, callback done) {
  if (explorer_)
    done({});
}

void explorer_link::find_user_key(
  std::int64_t tid, std::function<void(expected<std::string>)> done) {
  if (explorer_)
    explorer_->find_user_key(tid, std::move(done));
}

} // namespace provision::simulation
