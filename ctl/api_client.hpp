#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "messages/error.hpp"

namespace provision::ctl {

struct api_reply {
  int status = 0;
  std::string body = {};
};

/// Asks the daemon at a unix socket, a connection per question. Blocks.
class api_client {
public:
  explicit api_client(std::string path, std::chrono::milliseconds patience
                                        = std::chrono::seconds{10})
    : path_{std::move(path)}, patience_{patience} {}

  /// errc::explorer_unreachable if no daemon answers (the message says what
  /// to do), errc::deadline_exceeded, errc::malformed_input.
  expected<api_reply> get(std::string_view target) const;

  /// Waits without end for the answer: the node may work on it.
  expected<api_reply> post(std::string_view target,
                           std::string_view body) const;

  /// Hands over the body piece by piece while `use` says so; ends without
  /// error when the daemon ends it.
  expected<int> follow(std::string_view target, std::string_view headers,
                       const std::function<bool(std::string_view)>& use) const;

private:
  std::string path_;
  std::chrono::milliseconds patience_;
};

/// `text` for a place in a URL.
std::string escape(std::string_view text);

} // namespace provision::ctl
