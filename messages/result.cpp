#include "messages/result.hpp"

namespace provision {

std::string_view to_string(result_state state) noexcept {
  switch (state) {
  case result_state::error:
    return "error";
  case result_state::ok:
    return "ok";
  case result_state::deleted:
    return "deleted";
  }
  return "unknown";
}

std::string result::bytes() const {
  std::string signed_bytes;
  signed_bytes.reserve(1 + error.size() + data.size());
  signed_bytes += static_cast<char>(state);
  signed_bytes += error;
  signed_bytes += data;
  return signed_bytes;
}

bool result::is_nil() const noexcept {
  return (created.is_unix_epoch() || created.is_zero())
         && (data.empty() || data == "null");
}

} // namespace provision
