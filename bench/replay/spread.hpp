#pragma once

#include <vector>

namespace provision::bench {

/// What several runs came to.
struct spread {
  double min = 0;
  double median = 0;
  double max = 0;
};

/// All zero for no values.
spread spread_of(std::vector<double> values);

/// The value that a share `q` (0 to 1) of all are not above; sorted values, 0
/// for none.
double percentile(const std::vector<double>& sorted, double q);

} // namespace provision::bench
