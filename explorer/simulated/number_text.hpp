#pragma once

#include <string>

namespace provision::simulated {

/// `number` as Go's encoding/json writes it: the shortest text that reads
/// back the same, with an exponent only below 1e-6 and from 1e21 on.
std::string number_text(double number);

} // namespace provision::simulated
