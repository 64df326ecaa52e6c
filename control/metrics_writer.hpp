#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "messages/latency.hpp"

namespace provision {

/// Writes numbers in the text format of Prometheus, version 0.0.4: a family's
/// help and type, then its samples. Names and helps are the program's own and
/// are written as they are; values of labels are escaped.
class metrics_writer {
public:
  /// Names and values.
  using labels
    = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  /// Begins a family; what follows belongs to it.
  metrics_writer& counter(std::string_view name, std::string_view help);
  metrics_writer& gauge(std::string_view name, std::string_view help);
  metrics_writer& histogram(std::string_view name, std::string_view help);

  metrics_writer& sample(std::uint64_t value, labels about = {});
  metrics_writer& sample(double value, labels about = {});
  metrics_writer& sample(bool value, labels about = {}) {
    return sample(std::uint64_t{value ? 1U : 0U}, about);
  }
  metrics_writer& seconds(std::chrono::nanoseconds span, labels about = {});
  /// All of a histogram's samples, in seconds.
  metrics_writer& sample(const latency& times, labels about = {});

  const std::string& text() const noexcept { return text_; }

private:
  metrics_writer& family(std::string_view name, std::string_view help,
                         std::string_view type);
  void line(std::string_view suffix, labels about, std::string_view end,
            std::string_view value);

  std::string text_ = {};
  std::string name_ = {};
};

} // namespace provision
