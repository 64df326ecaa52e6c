#include "backends/host/kept_lines.hpp"

#include <string_view>
#include <utility>

#include "backends/host/output_files.hpp"

namespace provision {

namespace {

constexpr std::uint64_t piece_bytes_max = 64U << 10U;
constexpr std::string_view notice
  = "[output in between was not sent in time and is lost]\n";

/// Bytes of the first line with its end; 0 if it has none yet.
std::size_t line_size(std::string_view text) {
  const auto end = text.find('\n');
  if (end < kept_lines::line_bytes_max)
    return end + 1;
  return text.size() >= kept_lines::line_bytes_max ? kept_lines::line_bytes_max
                                                   : 0;
}

std::string with_plain_end(std::string_view line) {
  if (line.ends_with('\n'))
    line.remove_suffix(1);
  if (line.ends_with('\r'))
    line.remove_suffix(1);
  return std::string{line} + '\n';
}

} // namespace

error kept_lines::refill() {
  const auto piece
    = read_output(path_, read_, {piece_bytes_max, /*of_one_file=*/true});
  if (!piece)
    return piece.error();
  // A line whose begin is gone is told of, too.
  if (piece->has_gap)
    text_ = notice;
  text_ += piece->text;
  read_ = piece->next;
  return {};
}

expected<std::vector<std::string>> kept_lines::take() {
  // At most twice: a file may end within a line that goes on in the next.
  for (int turn = 0; turn < 2 && line_size(text_) == 0; ++turn)
    if (auto failed = refill())
      return fail(std::move(failed));
  std::vector<std::string> lines;
  taken_ = 0;
  for (std::string_view rest = text_; lines.size() < lines_max;) {
    const auto size = line_size(rest);
    if (size == 0)
      break;
    lines.push_back(with_plain_end(rest.substr(0, size)));
    rest.remove_prefix(size);
    taken_ += size;
  }
  return lines;
}

void kept_lines::done() {
  text_.erase(0, std::exchange(taken_, 0));
  // A rest that began in an older file is read again by whoever comes later.
  if (text_.size() <= read_.offset)
    place_ = {read_.file, read_.offset - text_.size()};
}

} // namespace provision
