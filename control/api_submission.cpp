// Reservations that an operator brings himself: taken in like all others, or
// only looked at.
#include <utility>

#include "actors/decoder.hpp"
#include "actors/reservation_questions.hpp"
#include "control/api_asking.hpp"
#include "control/documents_given.hpp"
#include "control/plan.hpp"

namespace provision {

namespace {

/// The reservations of a request, decoded; a bound on what the store is asked.
expected<std::vector<intake_entry>> entries_of(const api_call& call,
                                               const std::string& node_id) {
  auto texts = documents_given(call.request.body);
  if (!texts)
    return fail(texts.error());
  if (texts->size() > list_count_max)
    return fail(errc::input_too_large,
                std::to_string(texts->size()) + " reservations; at most "
                  + std::to_string(list_count_max) + " at a time");
  std::vector<intake_entry> entries;
  for (auto& text : *texts)
    entries.push_back(decode(std::move(text), node_id).entry);
  return entries;
}

void write_plan(json_writer& out, const struct plan& made) {
  out.begin_object().field("refuses", made.refuses());
  write_resources(out, "free_before", made.free_before);
  write_resources(out, "free_after", made.free_after);
  out.key("plan").begin_array();
  for (auto& one : made.steps) {
    out.begin_object().field("id", one.id).field("type", one.type);
    out.field("outcome", to_string(one.outcome));
    write_error(out, "reason", one.reason);
    write_resources(out, "takes", one.takes);
    out.end_object();
  }
  out.end_array().end_object();
}

} // namespace

struct api_state::planning {
  plan_facts facts = {};
  /// Places whose records are still to be read.
  std::vector<std::size_t> unread = {};
};

void api_state::plan(const api_call_ptr& call) {
  auto entries = entries_of(*call, options.node_id);
  if (!entries)
    return refuse(*call, entries.error());
  auto work = std::make_shared<planning>();
  auto& facts = work->facts;
  facts.entries = std::move(*entries);
  facts.known.resize(facts.entries.size());
  facts.gone.resize(facts.entries.size());
  facts.offered = options.types;
  facts.now = options.clock->now();
  recall_glances question;
  for (auto& entry : facts.entries)
    question.glances.push_back(entry.what ? glance_at(*entry.what) : glance{});
  ask_store<recalled_glances>(
    call, std::move(question), [=, this](recalled_glances& answered) {
      for (std::size_t place = 0; place < answered.standings.size(); ++place)
        if (answered.standings[place] != standing::fresh
            && work->facts.entries[place].what)
          work->unread.push_back(place);
      plan_known(call, work);
    });
}

void api_state::plan_known(const api_call_ptr& call,
                           std::shared_ptr<planning> work) {
  if (work->unread.empty())
    return plan_around(call, std::move(work));
  auto place = work->unread.back();
  work->unread.pop_back();
  self
    ->request(peers.cache, caf::infinite,
              find_record{work->facts.entries[place].what->id})
    .then(
      [=, this](found_record& found) {
        work->facts.known[place] = found.row;
        plan_known(call, work);
      },
      [=, this](caf::error&) {
        work->facts.gone[place] = true;
        plan_known(call, work);
      });
}

void api_state::plan_around(const api_call_ptr& call,
                            std::shared_ptr<planning> work) {
  ask<capacity_status>(
    call, peers.statser, read_capacity{}, [=, this](capacity_status& room) {
      work->facts.capacity = room;
      ask<engine_status>(call, peers.engine, read_engine_status{},
                         [=](engine_status& engine) {
                           work->facts.engine = engine;
                           json_writer out;
                           write_plan(out, make_plan(std::move(work->facts)));
                           answer(*call, out);
                         });
    });
}

void api_state::submit(const api_call_ptr& call) {
  auto entries = entries_of(*call, options.node_id);
  if (!entries)
    return refuse(*call, entries.error());
  submit_documents request;
  std::vector<std::string> ids;
  for (auto& entry : *entries) {
    // What nobody can read is the operator's own mistake: he is told at once.
    if (!entry.what)
      return refuse(*call, entry.refusal);
    ids.push_back(entry.what->id);
    request.documents.push_back(std::move(entry.received));
  }
  note_order(*call, "submit", std::to_string(ids.size()) + " reservations");
  ask<done>(call, peers.engine, std::move(request), [=](done&) {
    json_writer out;
    out.begin_object().key("submitted").begin_array();
    for (auto& id : ids)
      out.value(id);
    out.end_array().end_object();
    answer(*call, out);
  });
}

} // namespace provision
