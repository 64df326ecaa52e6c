#pragma once

#include <functional>
#include <string_view>

/// Hearing the log while it is written.
namespace provision::log {

/// Gets each line as it is written, with its time and without its end.
using listener = std::function<void(std::string_view line)>;

/// Lines go to `who`, too, from the next one on; an empty one ends that. It is
/// called on the thread that writes the line, by several at once: it must
/// return at once and may not log. When this returns, the one before is not
/// called any more. As long as there is none a line costs nothing more.
/// Thread-safe.
void tee(listener who);

} // namespace provision::log
