#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "explorer/simulated/explorer_state.hpp"
#include "messages/error.hpp"

namespace provision::simulated {

/// Takes the documents in `text`; see simulated_explorer::load.
expected<std::size_t> load_documents(explorer_state& state,
                                     std::string_view text, load_checks checks);

/// The JSON objects in `text`: one after another, with or without arrays
/// around them.
expected<std::vector<std::string>> split_documents(std::string_view text);

/// `path`, or the files in it if it is a folder, by name.
expected<std::vector<std::string>> files_of(const std::string& path);

} // namespace provision::simulated
