#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "explorer/explorer_client.hpp"
#include "explorer/http_transport.hpp"
#include "tests/conformance/rules.hpp"
#include "tests/conformance/trace.hpp"

namespace provision::conformance {

/// What the other side of a poll says.
struct poll_reply {
  bool scripted = false;
  bool failed = false;
  bool end_of_stream = false;
  std::uint64_t last_id = 0;
  std::vector<std::string> texts = {};
};

/// A poll and what comes of it by our rules.
struct polled {
  std::uint64_t from = 0;
  bool scripted = false;
  bool failed = false;
  /// In the order of work; what does not decode is left out.
  std::vector<reservation> items = {};
  bool was_spoilt = false;
  bool history_end = false;
  bool end_of_stream = false;
  /// Since the first poll, seconds.
  double at = 0;
};

/// The replies of a scripted poller, as reservations in the node's form.
std::vector<poll_reply> scripted_replies(const value& step);

/// The same of an HTTP script: what a poll's answer holds for our rules.
std::vector<poll_reply> http_replies(const trace& recording);

/// What our source must do with these replies; the last poll is the first one
/// after them. `from` is the first id it asks for.
std::vector<polled> expected_polls(const std::vector<poll_reply>& replies,
                                   text_form form, std::uint64_t from,
                                   double interval);

/// A poller that answers as told, and then never.
class scripted_poller final : public reservation_poller {
public:
  explicit scripted_poller(std::vector<poll_reply> replies)
    : replies_{replies.begin(), replies.end()} {}

  void poll(const std::string& node_id, std::uint64_t from,
            std::function<void(poll_page, error)> done) override;

  std::vector<std::uint64_t> asked = {};

private:
  std::deque<poll_reply> replies_;
  std::vector<std::function<void(poll_page, error)>> unanswered_ = {};
};

/// One request as the explorer sees it.
struct seen_request {
  std::string method = {};
  std::string path = {};
  std::string query = {};
  std::string body = {};
  bool is_signed = false;
  /// A rule of the script answered it, not the good default.
  bool scripted = false;
  int status = 0;
};

/// An explorer that plays script.http.
class scripted_transport final : public http_transport {
public:
  explicit scripted_transport(value lists) : script_(std::move(lists)) {}

  void send(http_request request,
            std::function<void(expected<http_response>)> done) override;

  std::vector<seen_request> seen = {};
  std::function<void(const seen_request&)> on_request
    = [](const seen_request&) {};

private:
  expected<http_response> answer(seen_request& request);

  script script_;
  std::string last_id_ = "0";
};

/// What a rule of script.http answers; `good` is the status without one.
expected<http_response> scripted_response(const value* rule, int good,
                                          std::string& last_id);

} // namespace provision::conformance
