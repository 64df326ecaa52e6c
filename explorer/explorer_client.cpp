#include "explorer/explorer_client.hpp"

#include <charconv>

#include "explorer/json_member.hpp"
#include "http/status_text.hpp"
#include "messages/hex.hpp"
#include "messages/json/json.hpp"

namespace provision {

namespace {

constexpr std::size_t key_bytes = 32;

bool is_path_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
         || (c >= '0' && c <= '9')
         || std::string_view{"-._~$&+,:;=@"}.find(c) != std::string_view::npos;
}

/// `text` as one segment of a path: an id must not lead to another resource.
std::string segment(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string result;
  result.reserve(text.size());
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (is_path_character(c))
      result += c;
    else
      (result += '%') += {digits[byte / 16], digits[byte % 16]};
  }
  return result;
}

std::string workload_path(const std::string& node_id, const std::string& id) {
  return "/reservations/nodes/" + segment(node_id) + "/workloads/"
         + segment(id);
}

/// The original's error text: "<explorer's text> status:404 Not Found".
error unexpected_status(const std::string& what,
                        const http_response& response) {
  auto code = response.status >= 500 && response.status <= 599
                ? errc::explorer_failed
                : errc::explorer_refused;
  auto line = std::to_string(response.status);
  if (auto reason = status_text(response.status); !reason.empty())
    (line += ' ') += reason;
  auto text = text_member(response.body, "error").value_or(what);
  return {code, text + " status:" + line, response.status};
}

/// A 404 counts as such whoever sends it, as in the original.
bool is_not_found(const error& failure) {
  return failure.code == errc::explorer_refused && failure.detail == 404;
}

expected<poll_page> to_page(http_response response) {
  poll_page page;
  auto last_id = response.header("x-last-id");
  const auto* end = last_id.data() + last_id.size();
  auto [stop, ec] = std::from_chars(last_id.data(), end, page.last_id);
  if (!last_id.empty() && (ec != std::errc{} || stop != end))
    return fail(errc::malformed_input,
                "x-last-id: \"" + std::string{last_id} + "\" is no number");
  auto documents = json::split_page(std::move(response.body));
  if (!documents)
    return fail(std::move(documents.error()));
  page.documents = std::move(*documents);
  return page;
}

expected<std::string> to_key(std::int64_t tid, const http_response& response) {
  auto text = text_member(response.body, "pubkey");
  auto key = hex::decode(text.value_or(""));
  if (!key || key->size() != key_bytes)
    return fail(errc::malformed_input,
                "user " + std::to_string(tid)
                  + ": pubkey is not the hexadecimal text of 32 bytes");
  return std::move(*key);
}

/// For calls whose answer holds nothing of interest.
auto only_failure(feedbacker::callback done) {
  return [done = std::move(done)](expected<http_response> response) {
    done(response ? error{} : std::move(response.error()));
  };
}

} // namespace

std::string api_base_path(std::string_view url) {
  constexpr std::string_view api = "/api/v1";
  auto scheme = url.find("://");
  if (scheme != std::string_view::npos)
    url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("?#"));
  auto slash = url.find('/');
  auto path
    = slash == std::string_view::npos ? std::string_view{} : url.substr(slash);
  return std::string{path.ends_with(api) ? path : api};
}

explorer_client::explorer_client(std::shared_ptr<http_transport> transport,
                                 std::string url, std::string node_id,
                                 std::shared_ptr<const signer> node,
                                 std::shared_ptr<const wall_clock> clock)
  : transport_{std::move(transport)}, base_path_{api_base_path(url)},
    node_id_{std::move(node_id)}, node_{std::move(node)}, clock_{
                                                            std::move(clock)} {
}

void explorer_client::exchange(
  http_request request, int expected_code, bool is_signed,
  std::function<void(expected<http_response>)> done) {
  auto what = request.method + ' ' + request.target;
  request.target.insert(0, base_path_);
  if (is_signed) {
    auto headers = signed_headers();
    if (!headers)
      return done(fail(std::move(headers.error())));
    request.headers = std::move(*headers);
  }
  transport_->send(std::move(request),
                   [expected_code, what = std::move(what),
                    done = std::move(done)](expected<http_response> got) {
                     if (got && got->status != expected_code)
                       return done(fail(unexpected_status(what, *got)));
                     done(std::move(got));
                   });
}

expected<http_headers> explorer_client::signed_headers() {
  const auto now = clock_->now();
  std::lock_guard lock{mutex_};
  if (signed_headers_.empty() || now.seconds != signed_second_) {
    auto fresh = sign_http_request(node_id_, *node_, now);
    if (!fresh)
      return fresh;
    signed_headers_ = std::move(*fresh);
    signed_second_ = now.seconds;
  }
  return signed_headers_;
}

void explorer_client::poll(const std::string& node_id, std::uint64_t from,
                           std::function<void(poll_page, error)> done) {
  exchange({.method = "GET",
            .target = "/reservations/nodes/" + segment(node_id)
                      + "/workloads?from=" + std::to_string(from)},
           200, false,
           [done = std::move(done)](expected<http_response> response) {
             auto page = std::move(response).and_then(to_page);
             if (!page)
               return done({}, std::move(page.error()));
             done(std::move(*page), {});
           });
}

void explorer_client::feedback(const std::string& node_id,
                               const std::string& id, const std::string& body,
                               callback done) {
  exchange({.method = "PUT",
            .target = workload_path(node_id, id),
            .body = body + '\n'},
           201, true, only_failure(std::move(done)));
}

void explorer_client::deleted(const std::string& node_id, const std::string& id,
                              callback done) {
  exchange({.method = "DELETE", .target = workload_path(node_id, id)}, 200,
           true, only_failure(std::move(done)));
}

void explorer_client::update_stats(const std::string& node_id,
                                   const workload_amount& counts,
                                   const resource_amount& units,
                                   callback done) {
  exchange({.method = "POST",
            .target = "/nodes/" + segment(node_id) + "/used_resources",
            .body = json::write(units, counts) + '\n'},
           200, true, only_failure(std::move(done)));
}

void explorer_client::find_user_key(
  std::int64_t tid, std::function<void(expected<std::string>)> done) {
  auto user = std::to_string(tid);
  // To the explorer, 0 means any user.
  if (tid <= 0)
    return done(fail(errc::unknown_user, "user " + user + " cannot exist"));
  exchange(
    {.method = "GET", .target = "/users/" + user}, 200, true,
    [tid, user, done = std::move(done)](expected<http_response> response) {
      if (response)
        return done(to_key(tid, *response));
      if (is_not_found(response.error()))
        return done(fail(errc::unknown_user,
                         "user " + user + ": " + response.error().message,
                         404));
      done(fail(std::move(response.error())));
    });
}

void explorer_client::find_workload(
  const std::string& id, std::function<void(expected<received_text>)> done) {
  exchange(
    {.method = "GET", .target = "/reservations/nodes/workloads/" + segment(id)},
    200, true, [id, done = std::move(done)](expected<http_response> response) {
      if (response)
        return done(own_text(std::move(response->body), text_form::document));
      if (is_not_found(response.error()))
        return done(fail(errc::no_such_reservation,
                         "reservation " + id + ": " + response.error().message,
                         404));
      done(fail(std::move(response.error())));
    });
}

} // namespace provision
