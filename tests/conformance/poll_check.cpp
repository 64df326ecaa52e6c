// The poll source: what it asks for, when, and what it hands over.
#include <cmath>

#include "actors/decoder.hpp"
#include "actors/intake.hpp"
#include "actors/sources/poll_source.hpp"
#include "tests/conformance/checks.hpp"
#include "tests/conformance/polling.hpp"
#include "tests/support/node_under_test.hpp"

namespace provision::conformance {

namespace {

using provision::testing::a_node_key;

/// Polls and jobs as lines, the form in which all three sides are compared.
using lines = std::vector<std::string>;

std::string job_line(const std::string& id, bool to_delete) {
  return "job " + id + (to_delete ? " to_delete" : "");
}

lines recorded_lines(const trace& recording) {
  lines result;
  for (auto& event : recording.output["events"]) {
    auto kind = event["event"].get<std::string>();
    if (kind == "poll" || kind == "poll_after_script")
      result.push_back("from "
                       + std::to_string(event["from"].get<std::uint64_t>()));
    else if (kind == "http")
      result.push_back(text(event, "query").replace(4, 1, " "));
    else if (kind == "source_closed")
      result.push_back("closed");
    else if (event.value("last", false))
      result.push_back("last");
    else
      result.push_back(job_line(text(event, "id"), event["to_delete"]));
  }
  return result;
}

lines expected_lines(const std::vector<polled>& polls, bool over_http) {
  lines result;
  for (auto& one : polls) {
    // Over HTTP the recordings end with the first answer after the script.
    if (over_http && &one == &polls.back())
      break;
    result.push_back("from " + std::to_string(one.from));
    for (auto& item : one.items)
      result.push_back(job_line(item.id, item.to_delete));
    if (one.history_end)
      result.push_back("last");
    if (one.end_of_stream)
      result.push_back("closed");
  }
  return result;
}

/// Asks until the source is silent for a while.
class poll_run : public provision::testing::deterministic {
public:
  lines play(std::shared_ptr<reservation_poller> poller,
             std::function<lines()> polls, std::chrono::milliseconds interval,
             std::size_t polls_max) {
    clock->set(from_unix(scenario_time));
    poll_source_options options;
    options.node_id = a_node_key().node_id();
    options.settings.poll_interval = interval;
    options.settings.signatures = config::signature_policy::off;
    auto source = spawn(poll_source, poller, options);
    intake_peers peers;
    peers.source = source;
    peers.decoders = {spawn(decoder_behavior)};
    // The original polls when it has handed over the page before.
    peers.pages_ahead = 0;
    auto intake = spawn(intake_behavior, peers, a_node_key().node_id());
    lines result;
    std::size_t known = 0;
    auto note_polls = [&] {
      auto all = polls();
      for (; known < all.size() && known < polls_max; ++known)
        result.push_back(all[known]);
      return all.size();
    };
    for (bool ended = false; !ended;) {
      auto pending = self->request(intake, caf::infinite, next_page{});
      for (int i = 0; i < 400 && !self->has_next_message(); ++i) {
        advance(std::chrono::milliseconds{100});
        if (note_polls() > polls_max)
          break;
      }
      // What comes of a poll after the last one of interest is not compared.
      if (note_polls() > polls_max || !self->has_next_message())
        return result;
      pending.receive([&](intake_page& page) { ended = note(result, page); },
                      [&](caf::error&) { ended = true; });
    }
    return result;
  }

private:
  static bool note(lines& result, const intake_page& page) {
    for (auto& entry : page.entries)
      if (!entry.refusal)
        result.push_back(job_line(entry.what->id, entry.what->to_delete));
    if (page.history_end)
      result.push_back("last");
    if (page.end_of_stream)
      result.push_back("closed");
    return page.end_of_stream;
  }
};

std::string joined(const lines& all) {
  std::string result;
  for (auto& one : all)
    (result += one) += ", ";
  return result;
}

/// Which rules make the difference between recording and expectation.
void explain(verdict& out, const trace& recording,
             const std::vector<polled>& polls, const lines& theirs,
             const lines& ours) {
  if (theirs == ours)
    return;
  bool spoilt = false;
  bool failed = false;
  for (auto& one : polls) {
    spoilt = spoilt || one.was_spoilt;
    failed = failed || one.failed;
  }
  if (spoilt)
    out.used.insert(rules::bad_document_fails_alone);
  if (failed)
    out.used.insert(rules::poll_goes_on_from_the_same_id);
  auto sorted = [](lines all) {
    std::sort(all.begin(), all.end());
    return all;
  };
  if (!spoilt && !failed && sorted(theirs) == sorted(ours))
    out.used.insert(rules::order_is_total);
  if (out.used.empty())
    out.failures.push_back("no rule explains: recorded " + joined(theirs)
                           + " expected of us " + joined(ours) + " in "
                           + recording.name);
}

/// The pace: recorded times against ours, both from the first poll.
void check_pace(verdict& out, const trace& recording,
                const std::vector<polled>& polls) {
  for (std::size_t i = 0; auto& event : recording.output["events"]) {
    if (!event.contains("at_s_about") || i >= polls.size())
      continue;
    auto recorded = std::stod(text(event, "at_s_about"));
    if (std::abs(recorded - polls[i++].at) > 1)
      out.used.insert(rules::next_poll_follows_at_once);
  }
}

lines froms(const std::vector<std::uint64_t>& all) {
  lines result;
  for (auto from : all)
    result.push_back("from " + std::to_string(from));
  return result;
}

void check_requests(verdict& out, const std::vector<seen_request>& seen) {
  auto path
    = "/api/v1/reservations/nodes/" + a_node_key().node_id() + "/workloads";
  for (auto& one : seen)
    if (one.method != "GET" || one.path != path || one.is_signed)
      out.failures.push_back("unexpected request " + one.method + ' '
                             + one.path);
}

} // namespace

verdict check_poll(const trace& recording) {
  verdict out;
  bool over_http = recording.kind == "poll_http";
  auto& step = recording.input[0];
  std::chrono::milliseconds interval{
    step.value("poll_period_ms", std::int64_t{0})};
  if (interval.count() == 0)
    interval = std::chrono::seconds{10};
  auto replies = over_http ? http_replies(recording) : scripted_replies(step);
  auto polls = expected_polls(
    replies, over_http ? text_form::document : text_form::reservation, 0,
    static_cast<double>(interval.count()) / 1000);
  auto must = expected_lines(polls, over_http);
  lines did;
  poll_run run;
  if (over_http) {
    auto transport = std::make_shared<scripted_transport>(recording.script);
    auto client = std::make_shared<explorer_client>(
      transport, "http://explorer", a_node_key().node_id(),
      std::make_shared<ed25519_signer>(a_node_key()), run.clock);
    did = run.play(
      client,
      [&] {
        lines all;
        for (auto& one : transport->seen)
          all.push_back("from " + one.query.substr(5));
        return all;
      },
      interval, replies.size());
    check_requests(out, transport->seen);
  } else {
    auto poller = std::make_shared<scripted_poller>(replies);
    did = run.play(
      poller, [&] { return froms(poller->asked); }, interval,
      replies.size() + 1);
    check_pace(out, recording, polls);
  }
  if (did != must)
    out.failures.push_back("expected of us " + joined(must) + " but ours "
                           + joined(did));
  explain(out, recording, polls, recorded_lines(recording), must);
  return out;
}

} // namespace provision::conformance
