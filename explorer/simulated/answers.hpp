#pragma once

#include <string>
#include <string_view>

#include "http/http_server.hpp"

/// What the simulated explorer is made of; see simulated_explorer.hpp.
namespace provision::simulated {

/// `json` and a newline, as application/json.
http_server_response answer(int status, std::string json);

/// 200 without an object: "null".
http_server_response done();

/// 201 without an object: "null".
http_server_response created();

/// {"error":"<text>"}. The original's client takes the text for a printf
/// format, so percent signs are replaced.
http_server_response refuse(int status, std::string_view text);

/// 401 of a route that wants a signature.
http_server_response refuse_caller(std::string_view reason);

/// 404 of a path that nobody serves.
http_server_response no_such_page();

/// 405 of a path that is served for other methods only.
http_server_response wrong_method();

/// 301 to the cleaned path.
http_server_response moved(std::string location);

} // namespace provision::simulated
