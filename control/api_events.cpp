// The journal as a stream: server-sent events, numbered as the journal is, so
// that whoever lost the connection goes on where it was.
#include "control/api_asking.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <charconv>
#include <chrono>
#include <limits>

#include "actors/reservation_questions.hpp"

namespace provision {

namespace {

constexpr std::chrono::milliseconds look_interval{200};

/// A comment goes out after this many looks in vain, so that a connection
/// whose other end is gone is noticed: 10 s.
constexpr std::uint32_t idle_looks_max = 50;

/// Open as long as the connection is.
class open_stream {
public:
  explicit open_stream(std::shared_ptr<std::atomic<std::size_t>> count)
    : count_{std::move(count)} {
    ++*count_;
  }
  open_stream(const open_stream&) = delete;
  open_stream& operator=(const open_stream&) = delete;
  ~open_stream() { --*count_; }

private:
  std::shared_ptr<std::atomic<std::size_t>> count_;
};

std::string to_event(const journal_entry& line) {
  json_writer out;
  write_line(out, line);
  return "id: " + std::to_string(line.sequence) + "\nevent: " + line.event
         + "\ndata: " + out.text() + "\n\n";
}

} // namespace

void api_state::events(const api_call_ptr& call) {
  constexpr auto max = std::numeric_limits<std::uint64_t>::max();
  auto after = call->target.number("after", 0, max);
  auto limit = call->target.number("limit", 100, list_count_max);
  auto last = call->target.number("last", 0, list_count_max);
  for (auto* number : {&after, &limit, &last})
    if (!*number)
      return refuse(*call, number->error());
  bool is_stream = call->request.header("accept").find("text/event-stream")
                   != std::string_view::npos;
  read_journal request{*after, *limit, {}};
  if (call->target.query.contains("last"))
    request.last = *last;
  auto resumed = call->request.header("last-event-id");
  if (is_stream && !resumed.empty()) {
    std::from_chars(resumed.data(), resumed.data() + resumed.size(),
                    request.after);
    request.last.reset();
  }
  ask_store<journal_lines>(call, request, [=, this](journal_lines& found) {
    if (is_stream)
      // Nothing of it was sent: the stream begins in front of it.
      return follow(call, found.lines.empty()
                            ? request.after
                            : found.lines.front().sequence - 1);
    json_writer out;
    out.begin_object().key("events").begin_array();
    for (auto& line : found.lines)
      write_line(out, line);
    out.end_array();
    out.field("next", found.lines.empty() ? request.after
                                          : found.lines.back().sequence);
    out.end_object();
    answer(*call, out);
  });
}

void api_state::follow(const api_call_ptr& call, std::uint64_t after) {
  if (*streams >= options.followers_max)
    return refuse(*call, 503, "too_many_followers",
                  "others follow the events already; close one of them");
  auto mine = std::make_shared<open_stream>(streams);
  auto place = std::make_shared<std::uint64_t>(after);
  // No strong handle: a connection must not keep a stopped node.
  auto here = caf::actor_cast<caf::weak_actor_ptr>(self);
  http_server_response response{.status = 200, .body = ": events\n\n"};
  response.headers.emplace_back("Content-Type", "text/event-stream");
  response.headers.emplace_back("Cache-Control", "no-store");
  response.more = [mine, place, here](http_reply piece) {
    if (auto api = here.lock())
      caf::anon_send(caf::actor_cast<api_actor>(api),
                     event_follower{place, std::move(piece)});
    else
      piece({.is_last = true});
  };
  call->reply(std::move(response));
}

void api_state::serve(event_follower follower) {
  auto waiting = std::make_shared<event_follower>(std::move(follower));
  ask_store<journal_lines>(
    nullptr, read_journal{*waiting->after, 256, {}},
    [this, waiting](journal_lines& found) {
      std::string text;
      for (auto& line : found.lines) {
        text += to_event(line);
        *waiting->after = line.sequence;
      }
      if (text.empty() && ++waiting->idle >= idle_looks_max)
        text = ": nothing new\n\n";
      if (!text.empty())
        return waiting->reply({.body = std::move(text)});
      followers.push_back(std::move(*waiting));
      if (!std::exchange(looking, true))
        self->delayed_send(self, look_interval, atom::tick::value);
    });
}

void api_state::look() {
  looking = false;
  for (auto& one : std::exchange(followers, {}))
    serve(std::move(one));
}

} // namespace provision
