#include "bench/replay/run_figures.hpp"

#include <algorithm>

#include "bench/replay/spread.hpp"

namespace provision::bench {

namespace {

constexpr double first_bar_ms = 0.125;
constexpr std::size_t slices = 60;

double ms(std::int64_t ns) {
  return static_cast<double>(ns) / 1e6;
}

} // namespace

void take_tail(run_figures& figures, std::vector<double> spans_ms) {
  std::sort(spans_ms.begin(), spans_ms.end());
  figures.latency_ms = {percentile(spans_ms, 0.5), percentile(spans_ms, 0.99),
                        percentile(spans_ms, 0.999)};
  figures.latency_bars.clear();
  auto next = spans_ms.begin();
  for (double limit = first_bar_ms; next != spans_ms.end(); limit *= 2) {
    auto end = std::upper_bound(next, spans_ms.end(), limit);
    figures.latency_bars.push_back(
      {limit, static_cast<std::uint64_t>(end - next)});
    next = end;
  }
}

void take_times(run_figures& figures, const stream_journal& journal) {
  std::vector<double> spans;
  std::vector<std::int64_t> ends;
  std::uint64_t others = 0;
  std::int64_t others_end = 0;
  for (std::size_t i = 0; i < journal.size(); ++i)
    if (journal.done()[i] != 0) {
      spans.push_back(ms(journal.done()[i] - journal.seen()[i]));
      ends.push_back(journal.done()[i]);
      if (!journal.is_apart(i)) {
        ++others;
        others_end = std::max(others_end, journal.done()[i]);
      }
    }
  if (ends.empty())
    return;
  auto begin = journal.seen().front();
  auto end = *std::max_element(ends.begin(), ends.end());
  figures.count = ends.size();
  figures.seconds = ms(end - begin) / 1e3;
  figures.reservations_per_second
    = static_cast<double>(figures.count) / figures.seconds;
  if (others > 0)
    figures.others_per_second
      = static_cast<double>(others) / (ms(others_end - begin) / 1e3);
  figures.rates.assign(slices, 0);
  auto slice = (end - begin) / static_cast<std::int64_t>(slices) + 1;
  for (auto at : ends)
    ++figures.rates[static_cast<std::size_t>((at - begin) / slice)];
  for (auto& rate : figures.rates)
    rate /= static_cast<double>(slice) / 1e9;
  take_tail(figures, std::move(spans));
}

} // namespace provision::bench
