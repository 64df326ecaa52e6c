#pragma once

#include "control/metrics_writer.hpp"
#include "control/node_metrics.hpp"

namespace provision {

/// What the engine does and how its types fare: a part of metrics_text().
void write_engine_metrics(metrics_writer& out, const node_numbers& all);

} // namespace provision
