#pragma once

#include <string>
#include <string_view>

namespace provision::ctl {

/// JSON text without what may be secret: values of members whose names speak of
/// passwords, keys, tokens and the like are replaced at any depth, also inside
/// texts that are JSON themselves, and other texts go through redacted(). A
/// text that is no JSON goes through redacted() as a whole.
std::string redacted_json(std::string_view text);

/// Free text without what may be secret: what follows "password=" and the like,
/// the user part of URLs, keys in PEM form.
std::string redacted(std::string_view text);

} // namespace provision::ctl
