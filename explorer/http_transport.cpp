#include "explorer/http_transport.hpp"

namespace provision {

std::string_view http_response::header(std::string_view name) const noexcept {
  for (const auto& [key, value] : headers)
    if (key == name)
      return value;
  return {};
}

} // namespace provision
