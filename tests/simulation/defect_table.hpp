#pragma once

namespace provision::simulation {

/// Plants each deliberate mistake and looks for a seed that shows it. Prints
/// the table; 0 if every one was caught.
int run_defects();

} // namespace provision::simulation
