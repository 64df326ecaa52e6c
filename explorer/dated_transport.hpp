#pragma once

#include <functional>
#include <memory>

#include "explorer/http_transport.hpp"
#include "messages/timestamp.hpp"

namespace provision {

/// Carries requests over `inner` and tells `hear` what the Date header of each
/// answer says, on the thread of the answer and before the answer is handed
/// over. Silent about answers without a date that can be read, and about those
/// that a cache kept (they bear an Age): their date is an old one.
std::shared_ptr<http_transport>
hear_dates(std::shared_ptr<http_transport> inner,
           std::function<void(timestamp)> hear);

} // namespace provision
