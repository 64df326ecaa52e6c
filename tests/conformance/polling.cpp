#include "tests/conformance/polling.hpp"

#include <algorithm>

#include "explorer/retry_policy.hpp"
#include "messages/converter.hpp"
#include "messages/json/json.hpp"

namespace provision::conformance {

namespace {

int good_status(const std::string& method) {
  return method == "PUT" ? 201 : 200;
}

std::string body_of(const value& rule) {
  if (rule.contains("body_documents"))
    return rule["body_documents"].dump();
  if (rule.contains("body_null"))
    return "null\n";
  return text(rule, "body");
}

} // namespace

std::vector<poll_reply> scripted_replies(const value& step) {
  std::vector<poll_reply> result;
  for (auto& one : step["poll_replies"]) {
    poll_reply reply;
    reply.scripted = true;
    auto failure = text(one, "error");
    reply.end_of_stream = failure == "eos";
    reply.failed = !failure.empty() && !reply.end_of_stream;
    reply.last_id = one["last_id"].get<std::uint64_t>();
    if (one.contains("reservations") && !one["reservations"].is_null())
      for (auto& item : one["reservations"])
        reply.texts.push_back(reservation_text(item));
    result.push_back(std::move(reply));
  }
  return result;
}

expected<http_response> scripted_response(const value* rule, int good,
                                          std::string& last_id) {
  http_response response;
  response.status = good;
  if (!rule) {
    response.headers = {{"x-last-id", last_id}};
    response.body = "null\n";
    return response;
  }
  if (rule->contains("behaviour"))
    return fail(errc::explorer_unreachable, text(*rule, "behaviour"));
  response.status = rule->value("status", good);
  response.body = body_of(*rule);
  if (rule->contains("header"))
    for (auto& [name, content] : (*rule)["header"].items())
      if (name == "X-Last-Id") {
        last_id = content.get<std::string>();
        response.headers = {{"x-last-id", last_id}};
      }
  return response;
}

std::vector<poll_reply> http_replies(const trace& recording) {
  script answers(recording.script);
  std::vector<poll_reply> result;
  std::string last_id = "0";
  while (auto* rule = answers.decide(
           "http", {{"method", "GET"}, {"path", "/workloads?from=0"}})) {
    poll_reply reply;
    reply.scripted = true;
    auto response = scripted_response(rule, 200, last_id);
    reply.failed = !response || response->status != 200;
    if (!reply.failed) {
      auto header = response->header("x-last-id");
      reply.last_id = header.empty() ? 0 : std::stoull(std::string{header});
      auto documents = json::split_page(response->body);
      reply.failed = !documents;
      if (documents)
        for (auto& one : *documents)
          reply.texts.emplace_back(one.text);
    }
    result.push_back(std::move(reply));
  }
  poll_reply good;
  good.last_id = std::stoull(last_id);
  result.push_back(good);
  return result;
}

std::vector<polled> expected_polls(const std::vector<poll_reply>& replies,
                                   text_form form, std::uint64_t from,
                                   double interval) {
  std::vector<polled> result;
  std::uint64_t previous = 0;
  bool told = false;
  unsigned failures = 0;
  double at = 0;
  for (auto& reply : replies) {
    polled one;
    one.from = from;
    one.at = at;
    one.scripted = reply.scripted;
    one.failed = reply.failed;
    if (reply.failed) {
      at += static_cast<double>(
              retry_policy{}.next_delay(failures++, 0.5).count())
            / 1000;
      result.push_back(std::move(one));
      continue;
    }
    failures = 0;
    for (auto& item : reply.texts) {
      auto read = form == text_form::document
                    ? json::read_document(item).and_then(to_reservation)
                    : json::read_reservation(item);
      if (read)
        one.items.push_back(std::move(*read));
      else
        one.was_spoilt = true;
    }
    std::stable_sort(one.items.begin(), one.items.end(), before_in_page);
    one.history_end = !told && reply.last_id == previous;
    told = told || one.history_end;
    one.end_of_stream = reply.end_of_stream;
    previous = reply.last_id;
    bool nothing_new = reply.texts.empty() || reply.last_id <= from;
    at += nothing_new ? interval : 0;
    from = reply.last_id + 1;
    bool ended = one.end_of_stream;
    result.push_back(std::move(one));
    if (ended)
      return result;
  }
  polled next;
  next.from = from;
  next.at = at;
  result.push_back(std::move(next));
  return result;
}

void scripted_poller::poll(const std::string&, std::uint64_t from,
                           std::function<void(poll_page, error)> done) {
  asked.push_back(from);
  if (replies_.empty()) {
    unanswered_.push_back(std::move(done));
    return;
  }
  auto reply = std::move(replies_.front());
  replies_.pop_front();
  poll_page page;
  page.last_id = reply.last_id;
  for (auto& one : reply.texts)
    page.documents.push_back(own_text(one, text_form::reservation));
  error failure;
  if (reply.failed)
    failure = {errc::explorer_unreachable, "scripted"};
  if (reply.end_of_stream)
    failure = err_poll_eos;
  done(std::move(page), std::move(failure));
}

void scripted_transport::send(
  http_request request, std::function<void(expected<http_response>)> done) {
  seen_request one;
  one.method = request.method;
  auto mark = request.target.find('?');
  one.path = request.target.substr(0, mark);
  if (mark != std::string::npos)
    one.query = request.target.substr(mark + 1);
  one.body = request.body;
  for (auto& [name, content] : request.headers)
    one.is_signed = one.is_signed || name == "Authorization";
  auto response = answer(one);
  one.status = response ? response->status : 0;
  seen.push_back(one);
  on_request(one);
  done(std::move(response));
}

expected<http_response> scripted_transport::answer(seen_request& request) {
  auto* rule = script_.decide(
    "http", {{"method", request.method},
             {"path", request.path + (request.query.empty() ? "" : "?")
                        + request.query}});
  request.scripted = rule != nullptr;
  return scripted_response(rule, good_status(request.method), last_id_);
}

} // namespace provision::conformance
