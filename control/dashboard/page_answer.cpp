#include "control/dashboard/page_answer.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "control/dashboard/page_files.hpp"

namespace provision {

namespace {

constexpr std::string_view folder = "/dashboard/";

std::string_view media_type(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> types{
    {{".html", "text/html; charset=utf-8"},
     {".css", "text/css; charset=utf-8"},
     {".js", "text/javascript; charset=utf-8"},
     {".svg", "image/svg+xml"}}};
  for (const auto& [ending, type] : types)
    if (name.ends_with(ending))
      return type;
  return "text/plain; charset=utf-8";
}

http_server_response in_words(int status, std::string body) {
  http_server_response response{.status = status, .body = std::move(body)};
  response.headers.emplace_back("Content-Type", "text/plain; charset=utf-8");
  return response;
}

/// Whoever says nothing about encodings takes any.
bool takes_gzip(const http_server_request& request) {
  auto accepted = request.header("accept-encoding");
  return accepted.empty() || accepted.find("gzip") != std::string_view::npos
         || accepted.find('*') != std::string_view::npos;
}

http_server_response answer_with(const embedded_file& file,
                                 const http_server_request& request) {
  http_server_response response;
  response.headers.emplace_back("ETag", file.tag);
  // Asked for each time, so that a newer daemon's page is seen at once.
  response.headers.emplace_back("Cache-Control", "no-cache");
  response.headers.emplace_back("Vary", "Accept-Encoding");
  if (request.header("if-none-match") == file.tag) {
    response.status = 304;
    return response;
  }
  response.headers.emplace_back("Content-Type", media_type(file.name));
  response.headers.emplace_back("Content-Encoding", "gzip");
  response.body = file.gzip;
  return response;
}

} // namespace

std::optional<http_server_response>
page_answer(const http_server_request& request) {
  std::string_view path = request.target;
  path = path.substr(0, path.find('?'));
  bool leads_there = path == "/" || path == "/dashboard";
  if (!leads_there && !path.starts_with(folder))
    return std::nullopt;
  if (request.method != "GET" && request.method != "HEAD")
    return in_words(405, "only GET and HEAD are possible here\n");
  if (leads_there) {
    auto response = in_words(302, "the dashboard is at /dashboard/\n");
    response.headers.emplace_back("Location", folder);
    return response;
  }
  path.remove_prefix(folder.size());
  auto name = path.empty() ? std::string_view{"index.html"} : path;
  auto files = page_files();
  auto found = std::ranges::find(files, name, &embedded_file::name);
  if (found == files.end())
    return in_words(404, "the dashboard has no such file\n");
  if (!takes_gzip(request))
    return in_words(406, "this file comes gzip'd only\n");
  return answer_with(*found, request);
}

void confine(http_server_response& response) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> rules{
    {{"Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; "
      "connect-src 'self'; img-src 'self' data:; base-uri 'none'; "
      "form-action 'none'; frame-ancestors 'none'"},
     {"X-Content-Type-Options", "nosniff"},
     {"Referrer-Policy", "no-referrer"},
     {"Cross-Origin-Opener-Policy", "same-origin"},
     {"Cross-Origin-Resource-Policy", "same-origin"}}};
  for (const auto& [name, value] : rules)
    response.headers.emplace_back(name, value);
}

} // namespace provision
