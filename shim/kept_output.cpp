#include "shim/kept_output.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "shim/process_state.hpp"
#include "shim/small_file.hpp"

namespace provision::shim {

namespace {

constexpr std::uint32_t old_streams = 1;

error make_pipe(std::array<int, 2>& ends) {
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return errno_error("make a pipe for output");
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return {};
}

} // namespace

error kept_output::open(const std::string& folder, const process_spec& spec) {
  log_.emplace(folder + '/' + log_name, spec.log_bytes_max, spec.old_logs_max);
  if (auto failed = make_pipe(streams_[0].pipe);
      failed || spec.stream_bytes_max == 0)
    return failed;
  if (auto failed = make_pipe(streams_[1].pipe))
    return failed;
  streams_[0].own.emplace(folder + '/' + output_name, spec.stream_bytes_max,
                          old_streams);
  streams_[1].own.emplace(folder + '/' + errors_name, spec.stream_bytes_max,
                          old_streams);
  return {};
}

void kept_output::copy() {
  static std::array<char, 16384> chunk;
  constexpr int turns_max = 16;
  for (auto& one : streams_)
    for (int turn = 0; turn < turns_max && one.pipe[0] >= 0; ++turn) {
      const auto got = ::read(one.pipe[0], chunk.data(), chunk.size());
      if (got <= 0)
        break;
      const auto size = static_cast<std::size_t>(got);
      log_->write(chunk.data(), size);
      if (one.own)
        one.own->write(chunk.data(), size);
    }
}

} // namespace provision::shim
