#pragma once

#include <functional>
#include <istream>
#include <optional>
#include <string>
#include <string_view>

#include "ctl/screen.hpp"
#include "messages/error.hpp"
#include "persistence/journal_check.hpp"
#include "persistence/journal_seal.hpp"

/// A journal as JSON: a line about the whole, then one per line of the journal
/// with its bytes as stored.
namespace provision::ctl {

/// The seal as the API writes it; nothing for null.
std::optional<journal_seal> seal_of(const json_value& answer);

/// Shows `check` one line as the API writes it. What people read of it must be
/// what its bytes say; else `tell` hears about it.
void take_line(journal_check& check, const json_value& line,
               const std::function<void(journal_problem)>& tell);

/// What the first line of an exported file says.
struct journal_heading {
  std::string node_id = {};
  std::optional<journal_seal> seal = {};
};
std::string heading_text(const std::string& node_id, const json_value& seal);
expected<journal_heading> read_heading(std::string_view line);

/// "NUMBER:HASH"; errc::malformed_input.
expected<known_line> read_known_line(std::string_view text);

} // namespace provision::ctl
