// A picture of the node that is kept fresh.
#include <unistd.h>

#include <ostream>
#include <sstream>

#include "ctl/command_line.hpp"
#include "ctl/commands.hpp"
#include "ctl/terminal.hpp"

namespace provision::ctl {

namespace {

/// All parts of a picture, one below the other; the exit code.
int draw(const surroundings& here, std::ostream& out) {
  const surroundings canvas{
    here.client, {out, here.to.has_colour, false, false}, here.err};
  if (auto code = status(canvas); code != all_well)
    return code;
  out << '\n';
  if (auto code = types(canvas); code != all_well)
    return code;
  out << '\n';
  if (auto code = capacity(canvas); code != all_well)
    return code;
  out << '\n' << painted(canvas.to, paint::strong, "Last decisions") << '\n';
  constexpr std::uint64_t events_shown = 8;
  return events(canvas, {.last = events_shown});
}

/// The text's first lines, each cut to the width; what is painted has no width.
std::string fitted(const std::string& text, terminal::extent size) {
  std::string made;
  std::size_t lines = 1;
  std::size_t column = 0;
  bool is_code = false;
  for (char c : text) {
    if (c == '\n') {
      if (++lines > size.lines)
        break;
      made += "\x1b[0m\x1b[K\r\n";
      column = 0;
      continue;
    }
    is_code = is_code || c == '\x1b';
    // Bytes that go on a character take no place of their own.
    constexpr unsigned char more = 0x80;
    constexpr unsigned char lead = 0xc0;
    bool is_more = (static_cast<unsigned char>(c) & lead) == more;
    if (is_code || is_more || column < size.columns)
      made += c;
    if (!is_code && !is_more)
      ++column;
    if (is_code && c == 'm')
      is_code = false;
  }
  return made;
}

int draw_until_ended(const surroundings& here, const repetition& again) {
  terminal canvas{STDIN_FILENO, STDOUT_FILENO};
  for (std::uint64_t shown = 1;; ++shown) {
    std::ostringstream picture;
    if (auto code = draw(here, picture); code != all_well)
      return code;
    // Over the last picture, then the rest cleared: nothing flickers.
    here.to.out << "\x1b[H" << fitted(picture.str(), canvas.size())
                << "\x1b[0m\x1b[J" << std::flush;
    if (shown == again.count_max)
      return all_well;
    char key = 0;
    auto event = canvas.wait(again.interval, key);
    if (event == terminal::event::ended
        || (event == terminal::event::key && (key == 'q' || key == 'Q')))
      return all_well;
  }
}

int show_on_terminal(const surroundings& here, const repetition& again) {
  // What goes wrong is told once the user's own screen is back.
  std::ostringstream complaints;
  auto code = draw_until_ended({here.client, here.to, complaints}, again);
  here.err << complaints.str();
  return code;
}

} // namespace

int top(const surroundings& here, const repetition& again) {
  bool is_drawn
    = here.to.is_terminal && !here.to.as_json && ::isatty(STDIN_FILENO) == 1;
  if (is_drawn)
    return show_on_terminal(here, again);
  // For a pipe: pictures one after the other, or the status as JSON.
  auto repeated = again;
  repeated.is_watched = true;
  return watched(here, repeated, [&] {
    return here.to.as_json ? status(here) : draw(here, here.to.out);
  });
}

} // namespace provision::ctl
