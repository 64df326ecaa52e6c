#include "bench/replay/plot.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <vector>

namespace provision::bench {

namespace {

constexpr double panel_width = 420;
constexpr double panel_height = 260;
constexpr double left = 64;
constexpr double right = 16;
constexpr double top = 36;
constexpr double bottom = 44;

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

/// "12k", "0.5".
std::string label(double value) {
  if (value >= 1e6)
    return number(value / 1e6) + "M";
  return value >= 1e4 ? number(value / 1e3) + "k" : number(value);
}

/// 1, 2 or 5 times a power of ten, not below `value`.
double round_up(double value) {
  if (value <= 0)
    return 1;
  auto power = std::pow(10.0, std::floor(std::log10(value)));
  for (double step : {1.0, 2.0, 5.0})
    if (value <= step * power)
      return step * power;
  return 10 * power;
}

/// A panel with its axes; values along x and y are 0 to 1 of the inner area.
class panel {
public:
  panel(std::string& out, double offset, const std::string& title,
        const std::string& x_title)
    : out_{out}, offset_{offset} {
    text(left, 20, title, "start", "bold");
    text(left + width() / 2, panel_height - 8, x_title, "middle");
    line(0, 0, 1, 0, "#444");
    line(0, 0, 0, 1, "#444");
  }

  void x_tick(double x, const std::string& what) {
    text(left + x * width(), panel_height - bottom + 16, what, "middle");
  }

  void y_ticks(double max) {
    for (int i = 0; i <= 4; ++i) {
      auto y = i / 4.0;
      text(left - 6, to_y(y) + 4, label(max * y), "end");
      if (i > 0)
        line(0, y, 1, y, "#ddd");
    }
  }

  void bar(double x, double wide, double y) {
    out_ += "<rect x=\"" + number(to_x(x)) + "\" y=\"" + number(to_y(y))
            + "\" width=\"" + number(wide * width()) + "\" height=\""
            + number(to_y(0) - to_y(y)) + "\" fill=\"#4878a8\"/>\n";
  }

  void line(double x1, double y1, double x2, double y2,
            const std::string& colour) {
    out_ += "<line x1=\"" + number(to_x(x1)) + "\" y1=\"" + number(to_y(y1))
            + "\" x2=\"" + number(to_x(x2)) + "\" y2=\"" + number(to_y(y2))
            + "\" stroke=\"" + colour + "\"/>\n";
  }

  void curve(const std::vector<std::pair<double, double>>& points) {
    out_ += "<polyline fill=\"none\" stroke=\"#4878a8\" stroke-width=\"2\" "
            "points=\"";
    for (auto& [x, y] : points)
      out_ += number(to_x(x)) + ',' + number(to_y(y)) + ' ';
    out_ += "\"/>\n";
  }

private:
  static double width() { return panel_width - left - right; }
  static double height() { return panel_height - top - bottom; }
  double to_x(double x) const { return offset_ + left + x * width(); }
  double to_y(double y) const { return top + (1 - y) * height(); }

  void text(double x, double y, const std::string& what,
            const std::string& anchor, const std::string& weight = "normal") {
    out_ += "<text x=\"" + number(offset_ + x) + "\" y=\"" + number(y)
            + "\" text-anchor=\"" + anchor + "\" font-weight=\"" + weight
            + "\">" + what + "</text>\n";
  }

  std::string& out_;
  double offset_;
};

using draw_panel = std::function<void(std::string& out, double offset)>;

void draw_rates(std::string& out, double offset, const measured_run& run) {
  auto& rates = run.figures.rates;
  auto highest
    = std::max(run.limit, *std::max_element(rates.begin(), rates.end()));
  auto max = round_up(highest);
  panel p{out, offset, "reservations/s over the run", "seconds"};
  p.y_ticks(max);
  for (int i = 0; i <= 4; ++i)
    p.x_tick(i / 4.0, label(std::round(run.figures.seconds * i * 25) / 100));
  std::vector<std::pair<double, double>> points;
  for (std::size_t i = 0; i < rates.size(); ++i)
    points.emplace_back((static_cast<double>(i) + 0.5)
                          / static_cast<double>(rates.size()),
                        rates[i] / max);
  p.curve(points);
  if (run.limit > 0)
    p.line(0, run.limit / max, 1, run.limit / max, "#c04040");
}

void draw_latencies(std::string& out, double offset, const measured_run& run,
                    const std::string& title) {
  auto& bars = run.figures.latency_bars;
  std::uint64_t most = 1;
  for (auto& one : bars)
    most = std::max(most, one.count);
  auto max = round_up(static_cast<double>(most));
  panel p{out, offset, title, "milliseconds, up to"};
  p.y_ticks(max);
  auto wide = 1.0 / static_cast<double>(bars.size());
  for (std::size_t i = 0; i < bars.size(); ++i) {
    auto x = static_cast<double>(i) * wide;
    p.bar(x + wide * 0.1, wide * 0.8, static_cast<double>(bars[i].count) / max);
    if (bars.size() <= 8 || i % 2 == 0)
      p.x_tick(x + wide / 2, label(bars[i].limit_ms));
  }
}

void draw_growth(std::string& out, double offset, const report& all) {
  auto cost_us = [](const measurement& of) {
    return over_runs(of,
                     [](auto& run) {
                       return 1e6 / run.figures.reservations_per_second;
                     })
      .median;
  };
  double highest = 0;
  for (auto& each : all.measurements)
    highest = std::max(highest, cost_us(each));
  auto max = round_up(highest);
  panel p{out, offset, "microseconds per reservation",
          "workloads that run already"};
  p.y_ticks(max);
  std::vector<std::pair<double, double>> points;
  auto last = static_cast<double>(all.measurements.size() - 1);
  for (std::size_t i = 0; i < all.measurements.size(); ++i) {
    auto x = 0.04 + 0.92 * static_cast<double>(i) / last;
    points.emplace_back(x, cost_us(all.measurements[i]) / max);
    p.x_tick(x, label(static_cast<double>(all.measurements[i].cached)));
  }
  p.curve(points);
}

} // namespace

std::string plot(const report& all) {
  auto& run = median_run(all.measurements.back());
  std::vector<draw_panel> panels;
  if (!run.figures.rates.empty())
    panels.push_back(
      [&](std::string& out, double offset) { draw_rates(out, offset, run); });
  if (!run.figures.latency_bars.empty())
    panels.push_back([&](std::string& out, double offset) {
      draw_latencies(out, offset, run,
                     all.told.expire > 0 ? "deadline to decommissioning"
                                         : "handed over to accepted");
    });
  if (all.measurements.size() > 1)
    panels.push_back(
      [&](std::string& out, double offset) { draw_growth(out, offset, all); });
  std::string inside;
  for (std::size_t i = 0; i < panels.size(); ++i)
    panels[i](inside, static_cast<double>(i) * panel_width);
  auto width = number(panel_width * static_cast<double>(panels.size()));
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + width
         + "\" height=\"" + number(panel_height) + "\" viewBox=\"0 0 " + width
         + " " + number(panel_height)
         + "\" font-family=\"sans-serif\" font-size=\"11\">\n"
           "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
         + inside + "</svg>\n";
}

} // namespace provision::bench
