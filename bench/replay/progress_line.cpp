#include "bench/replay/progress_line.hpp"

#include <unistd.h>

#include <cstdio>
#include <utility>

#include "bench/replay/stream_journal.hpp"

namespace provision::bench {

progress_line::progress_line(std::string what, std::uint64_t total)
  : what_{std::move(what)}, total_{total}, begin_{now_ns()},
    is_watched_{::isatty(STDERR_FILENO) == 1} {
}

progress_line::~progress_line() {
  if (is_watched_)
    std::fputs("\r\033[K", stderr);
}

void progress_line::show(std::uint64_t done) {
  if (!is_watched_)
    return;
  auto seconds = static_cast<double>(now_ns() - begin_) / 1e9;
  std::fprintf(stderr, "\r\033[K%s: %llu of %llu, %.0f s", what_.c_str(),
               static_cast<unsigned long long>(done),
               static_cast<unsigned long long>(total_), seconds);
  std::fflush(stderr);
}

} // namespace provision::bench
