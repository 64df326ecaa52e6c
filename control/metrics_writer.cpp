#include "control/metrics_writer.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace provision {

namespace {

/// The shortest text that reads back as the same number.
std::string number_text(double value) {
  if (std::isnan(value))
    return "NaN";
  if (std::isinf(value))
    return value > 0 ? "+Inf" : "-Inf";
  std::array<char, 32> room{};
  auto* last = room.data() + room.size();
  // "0.0001" is easier to read than "1e-04", and there are few large numbers.
  auto written
    = std::to_chars(room.data(), last, value, std::chars_format::fixed);
  if (written.ec != std::errc{})
    written = std::to_chars(room.data(), last, value);
  return {room.data(), written.ptr};
}

double to_seconds(std::chrono::nanoseconds span) {
  return std::chrono::duration<double>(span).count();
}

void add_escaped(std::string& to, std::string_view value) {
  for (char c : value) {
    if (c == '\n') {
      to += "\\n";
      continue;
    }
    if (c == '\\' || c == '"')
      to += '\\';
    to += c;
  }
}

} // namespace

metrics_writer& metrics_writer::family(std::string_view name,
                                       std::string_view help,
                                       std::string_view type) {
  name_ = name;
  text_.append("# HELP ").append(name).append(" ").append(help).append("\n");
  text_.append("# TYPE ").append(name).append(" ").append(type).append("\n");
  return *this;
}

metrics_writer& metrics_writer::counter(std::string_view name,
                                        std::string_view help) {
  return family(name, help, "counter");
}

metrics_writer& metrics_writer::gauge(std::string_view name,
                                      std::string_view help) {
  return family(name, help, "gauge");
}

metrics_writer& metrics_writer::histogram(std::string_view name,
                                          std::string_view help) {
  return family(name, help, "histogram");
}

/// `end` is the value of the label "le" of a histogram's range, or empty.
void metrics_writer::line(std::string_view suffix, labels about,
                          std::string_view end, std::string_view value) {
  text_.append(name_).append(suffix);
  char before = '{';
  auto add = [&](std::string_view name, std::string_view of) {
    text_ += before;
    text_.append(name).append("=\"");
    add_escaped(text_, of);
    text_ += '"';
    before = ',';
  };
  for (auto& [name, of] : about)
    add(name, of);
  if (!end.empty())
    add("le", end);
  if (before == ',')
    text_ += '}';
  text_.append(" ").append(value).append("\n");
}

metrics_writer& metrics_writer::sample(std::uint64_t value, labels about) {
  line({}, about, {}, std::to_string(value));
  return *this;
}

metrics_writer& metrics_writer::sample(double value, labels about) {
  line({}, about, {}, number_text(value));
  return *this;
}

metrics_writer& metrics_writer::seconds(std::chrono::nanoseconds span,
                                        labels about) {
  return sample(to_seconds(span), about);
}

metrics_writer& metrics_writer::sample(const latency& times, labels about) {
  std::uint64_t so_far = 0;
  for (std::size_t i = 0; i < latency::ends.size(); ++i) {
    so_far += times.counts()[i];
    auto end
      = number_text(to_seconds(std::chrono::nanoseconds{latency::ends[i]}));
    line("_bucket", about, end, std::to_string(so_far));
  }
  line("_bucket", about, "+Inf", std::to_string(times.count()));
  line("_sum", about, {}, number_text(to_seconds(times.sum())));
  line("_count", about, {}, std::to_string(times.count()));
  return *this;
}

} // namespace provision
