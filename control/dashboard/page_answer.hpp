#pragma once

#include <optional>

#include "http/http_server.hpp"

namespace provision {

/// The answer to a request for a part of the dashboard's page: "/dashboard/"
/// and what is below it; "/" and "/dashboard" lead there. Nothing for any other
/// path. From memory, gzip'd; a browser that has a file already gets a 304.
std::optional<http_server_response>
page_answer(const http_server_request& request);

/// Says in the answer's headers what a browser may do with it: nothing but
/// show it, and load more from here.
void confine(http_server_response& response);

} // namespace provision
