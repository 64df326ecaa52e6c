#include "actors/sources/line_reader.hpp"

#include <algorithm>

namespace provision {

bool line_reader::next(std::string& line) {
  line.clear();
  bool any = false;
  while (!rest_.empty() || fill()) {
    auto end = rest_.find('\n');
    auto part = rest_.substr(0, end);
    auto room = bytes_max_ + 1 - line.size();
    line.append(part.substr(0, std::min(part.size(), room)));
    any = any || !part.empty();
    if (end != std::string_view::npos) {
      rest_.remove_prefix(end + 1);
      return true;
    }
    rest_ = {};
  }
  return any;
}

bool line_reader::fill() {
  auto& bytes = *from_->rdbuf();
  if (bytes.sgetc() == std::istream::traits_type::eof())
    return false;
  piece_.resize(
    static_cast<std::size_t>(std::max<std::streamsize>(bytes.in_avail(), 1)));
  auto count
    = bytes.sgetn(piece_.data(), static_cast<std::streamsize>(piece_.size()));
  rest_ = std::string_view{piece_}.substr(0, static_cast<std::size_t>(count));
  return count > 0;
}

} // namespace provision
