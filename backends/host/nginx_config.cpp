#include "backends/host/nginx_config.hpp"

#include "backends/host/text_digest.hpp"

namespace provision {

namespace {

/// Stands for the generation while it is computed.
constexpr std::string_view generation_mark = "@generation@";

std::string quoted(const std::string& path) {
  return '"' + path + '"';
}

std::string head(const gateway_tools& tools, const nginx_doors& doors) {
  std::string out;
  if (!tools.stream_module.empty())
    out += "load_module " + quoted(tools.stream_module) + ";\n";
  if (!tools.user.empty())
    out += "user " + tools.user + ' ' + tools.group + ";\n";
  return out
         + "daemon off;\n"
           "worker_processes auto;\n"
           "pid "
         + quoted(doors.run + "/pid")
         + ";\n"
           "error_log stderr warn;\n"
           "events {\n"
           "  worker_connections 4096;\n"
           "}\n";
}

/// Where buffers would be, had it any; its workers could not reach them.
std::string buffers(const nginx_doors& doors) {
  std::string out;
  for (const auto* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
    out += "  " + std::string{kind} + "_temp_path "
           + quoted(doors.run + '/' + kind) + ";\n";
  return out;
}

std::string http_server(const std::string& domain, const std::string& target,
                        const std::string& door) {
  return "  server {\n"
         "    listen "
         + door
         + ";\n"
           "    server_name "
         + domain
         + ";\n"
           "    location / {\n"
           "      proxy_pass http://"
         + target
         + ";\n"
           "    }\n"
           "  }\n";
}

/// Bodies, answers and their headers pass through as they come, of any size and
/// for as long as something comes at least once an hour.
std::string http(const nginx_doors& doors, const nginx_routes& routes) {
  std::string out = "http {\n" + buffers(doors)
                    + "  access_log off;\n"
                      "  server_tokens off;\n"
                      "  server_names_hash_bucket_size 512;\n"
                      "  server_names_hash_max_size 65536;\n"
                      "  client_max_body_size 0;\n"
                      "  underscores_in_headers on;\n"
                      "  proxy_redirect off;\n"
                      "  proxy_pass_header Server;\n"
                      "  proxy_pass_header Date;\n"
                      "  proxy_ignore_headers X-Accel-Redirect "
                      "X-Accel-Expires X-Accel-Limit-Rate X-Accel-Buffering "
                      "X-Accel-Charset;\n"
                      "  proxy_http_version 1.1;\n"
                      "  proxy_buffering off;\n"
                      "  proxy_request_buffering off;\n"
                      "  proxy_connect_timeout 10s;\n"
                      "  proxy_read_timeout 1h;\n"
                      "  proxy_send_timeout 1h;\n"
                      "  map $http_upgrade $passed_connection {\n"
                      "    default upgrade;\n"
                      "    \"\" \"\";\n"
                      "  }\n"
                      "  proxy_set_header Host $http_host;\n"
                      "  proxy_set_header Upgrade $http_upgrade;\n"
                      "  proxy_set_header Connection $passed_connection;\n"
                      "  proxy_set_header X-Forwarded-For "
                      "$proxy_add_x_forwarded_for;\n"
                      "  server {\n"
                      "    listen "
                    + quoted("unix:" + nginx_socket(doors))
                    + ";\n"
                      "    return 200 \""
                    + std::string{generation_mark} + "\";\n  }\n";
  if (!doors.http.empty()) {
    out += "  server {\n"
           "    listen "
           + doors.http
           + " default_server;\n"
             "    return 444;\n"
             "  }\n";
    for (const auto& [domain, route] : routes)
      if (!route.http.empty())
        out += http_server(domain, route.http, doors.http);
  }
  return out + "}\n";
}

std::string stream(const nginx_doors& doors, const nginx_routes& routes) {
  std::string out = "stream {\n"
                    "  map_hash_bucket_size 512;\n"
                    "  map_hash_max_size 65536;\n"
                    "  proxy_connect_timeout 10s;\n"
                    "  proxy_timeout 1h;\n"
                    "  map $ssl_preread_server_name $passed_to {\n"
                    "    default \"\";\n";
  for (const auto& [domain, route] : routes)
    if (!route.tls.empty())
      out += "    " + domain + ' ' + route.tls + ";\n";
  return out
         + "  }\n"
           "  server {\n"
           "    listen "
         + (doors.tls.empty() ? quoted("unix:" + doors.run + "/tls.sock")
                              : doors.tls)
         + ";\n"
           "    ssl_preread on;\n"
           "    proxy_pass $passed_to;\n"
           "  }\n"
           "}\n";
}

} // namespace

std::string nginx_socket(const nginx_doors& doors) {
  return doors.run + "/status.sock";
}

bool nginx_takes(const std::string& path) {
  return path.find_first_of("\"\\$\n") == path.npos;
}

std::string nginx_config(const gateway_tools& tools, const nginx_doors& doors,
                         const nginx_routes& routes) {
  auto text = head(tools, doors) + http(doors, routes) + stream(doors, routes);
  const auto at = text.find(generation_mark);
  return text.replace(at, generation_mark.size(), text_digest(text));
}

std::string nginx_generation(const std::string& config) {
  constexpr std::string_view before = "return 200 \"";
  const auto at = config.find(before);
  if (at == config.npos)
    return {};
  const auto from = at + before.size();
  return config.substr(from, config.find('"', from) - from);
}

} // namespace provision
