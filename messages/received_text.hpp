#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace provision {

/// In which of the two JSON forms a reservation was received.
enum class text_form : std::uint8_t {
  /// A workload document of the explorer.
  document = 1,
  /// A reservation in the original node's own form (cache files, replay).
  reservation = 2,
};

/// The bytes of one reservation as they were received: a slice of a buffer
/// that all slices of a page share, so nothing is copied after it was read.
struct received_text {
  std::shared_ptr<const std::string> buffer = {};
  std::string_view text = {};
  text_form form = text_form::document;
};

/// A slice that owns a buffer of its own.
received_text own_text(std::string bytes, text_form form);

} // namespace provision
