#include "bench/replay/spread.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace provision::bench {

spread spread_of(std::vector<double> values) {
  if (values.empty())
    return {};
  std::sort(values.begin(), values.end());
  auto middle = values.size() / 2;
  auto median = values.size() % 2 == 1
                  ? values[middle]
                  : (values[middle - 1] + values[middle]) / 2;
  return {values.front(), median, values.back()};
}

double percentile(const std::vector<double>& sorted, double q) {
  if (sorted.empty())
    return 0;
  auto rank = std::ceil(q * static_cast<double>(sorted.size()));
  auto place = static_cast<std::size_t>(std::max(rank, 1.0)) - 1;
  return sorted[std::min(place, sorted.size() - 1)];
}

} // namespace provision::bench
