#include "explorer/http/request_text.hpp"

#include <openssl/evp.h>

#include <initializer_list>
#include <string_view>

namespace provision {

namespace {

/// Enough for a signed request of ours.
constexpr std::size_t size_without_body = 1024;

void append(std::string& text, std::initializer_list<std::string_view> pieces) {
  for (auto piece : pieces)
    text += piece;
}

// A control character or blank where none may be would start another header
// or another request.
bool is_clean(std::string_view text, bool has_blanks) {
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (byte < ' ' || byte == 0x7f || (byte == ' ' && !has_blanks))
      return false;
  }
  return true;
}

std::string proxy_authorization(const origin& proxy) {
  if (proxy.credentials.empty())
    return {};
  const auto& text = proxy.credentials;
  std::string encoded((text.size() + 2) / 3 * 4 + 1, '\0');
  auto length
    = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                      reinterpret_cast<const unsigned char*>(text.data()),
                      static_cast<int>(text.size()));
  encoded.resize(static_cast<std::size_t>(length));
  return "Proxy-Authorization: Basic " + encoded + "\r\n";
}

error check(const http_request& request) {
  bool is_sound = !request.method.empty() && is_clean(request.method, false)
                  && request.target.starts_with('/')
                  && is_clean(request.target, false);
  for (const auto& [name, value] : request.headers)
    is_sound = is_sound && !name.empty() && is_clean(name, false)
               && name.find(':') == std::string::npos && is_clean(value, true);
  if (is_sound)
    return {};
  return {errc::malformed_input,
          "request with a blank, line break or other control character in its "
          "method, target or headers"};
}

} // namespace

expected<std::string> request_text(const http_request& request,
                                   const request_style& style) {
  if (auto failure = check(request))
    return fail(std::move(failure));
  bool is_plainly_proxied = style.proxy && !style.target.is_tls;
  auto host = style.target.host_header();
  std::string text;
  text.reserve(size_without_body + request.body.size());
  append(text, {request.method, " "});
  if (is_plainly_proxied)
    append(text, {"http://", host});
  append(text, {request.target, " HTTP/1.1\r\nHost: ", host,
                "\r\nUser-Agent: ", style.user_agent, "\r\n"});
  if (!request.body.empty() || request.method == "PUT"
      || request.method == "POST")
    append(text,
           {"Content-Length: ", std::to_string(request.body.size()), "\r\n"});
  for (const auto& [name, value] : request.headers)
    append(text, {name, ": ", value, "\r\n"});
  if (is_plainly_proxied)
    text += proxy_authorization(*style.proxy);
  append(text, {"\r\n", request.body});
  return text;
}

std::string connect_text(const request_style& style) {
  auto authority = style.target.authority();
  return "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority
         + "\r\nUser-Agent: " + style.user_agent + "\r\n"
         + proxy_authorization(*style.proxy) + "\r\n";
}

} // namespace provision
