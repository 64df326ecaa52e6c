#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "messages/json/json.hpp"
#include "messages/json/scan.hpp"

namespace provision::json {

namespace {

constexpr std::string_view space = " \n\r\t";

/// Finds where the elements of an array end, knowing only strings and
/// brackets, so that a broken element does not hide the others.
class page_splitter {
public:
  page_splitter(std::shared_ptr<const std::string> page, const limits& bounds)
    : page_{std::move(page)}, text_{*page_}, bounds_{bounds} {}

  expected<std::vector<received_text>> run() {
    skip_space();
    if (at_ == text_.npos)
      return broken("empty text");
    if (is_null())
      return std::move(elements_);
    if (text_[at_] != '[')
      return broken("expected an array or null");
    ++at_;
    skip_space();
    if (at_ != text_.npos && text_[at_] == ']')
      return std::move(elements_);
    for (;;) {
      if (!skip_element())
        return broken("the array does not end");
      if (elements_.back().text.empty())
        return broken("an element is missing");
      if (text_[at_] == ']')
        return std::move(elements_);
      if (elements_.size() == bounds_.elements_max)
        return fail(errc::input_too_large,
                    "page of more than " + std::to_string(bounds_.elements_max)
                      + " elements");
      ++at_;
    }
  }

private:
  tl::unexpected<error> broken(std::string_view why) const {
    return fail(errc::malformed_input,
                "page: " + std::string{why} + " (element "
                  + std::to_string(elements_.size()) + ", byte "
                  + std::to_string(std::min(at_, text_.size())) + ")");
  }

  void skip_space() noexcept { at_ = text_.find_first_not_of(space, at_); }

  bool is_null() const noexcept {
    auto after = at_ + 4;
    return text_.substr(at_, 4) == "null"
           && (after == text_.size() || space.find(text_[after]) != space.npos);
  }

  /// Moves to the comma or bracket behind the element and keeps the element.
  bool skip_element() {
    skip_space();
    auto first = at_;
    std::size_t depth = 0;
    for (; at_ < text_.size(); ++at_) {
      auto c = text_[at_];
      if (c == '"') {
        if (!skip_string())
          return false;
      } else if (c == '{' || c == '[') {
        ++depth;
      } else if (depth == 0 && (c == ',' || c == ']')) {
        keep(text_.substr(first, at_ - first));
        return true;
      } else if (depth != 0 && (c == '}' || c == ']')) {
        --depth;
      }
    }
    return false;
  }

  /// Moves from the opening to the closing quote.
  bool skip_string() noexcept {
    const auto* end = text_.data() + text_.size();
    for (const auto* p = text_.data() + at_ + 1; p < end; ++p) {
      p = find_special(p, end);
      if (p == end)
        return false;
      if (*p == '"') {
        at_ = static_cast<std::size_t>(p - text_.data());
        return true;
      }
      if (*p == '\\')
        ++p;
    }
    return false;
  }

  void keep(std::string_view element) {
    element = element.substr(0, element.find_last_not_of(space) + 1);
    elements_.push_back({page_, element, text_form::document});
  }

  std::shared_ptr<const std::string> page_;
  std::string_view text_;
  const limits& bounds_;
  std::size_t at_ = 0;
  std::vector<received_text> elements_ = {};
};

} // namespace

expected<std::vector<received_text>> split_page(std::string page,
                                                const limits& bounds) {
  if (page.size() > bounds.page_bytes_max)
    return fail(errc::input_too_large,
                "page of " + std::to_string(page.size())
                  + " bytes, the limit is "
                  + std::to_string(bounds.page_bytes_max));
  auto buffer = std::make_shared<const std::string>(std::move(page));
  return page_splitter{std::move(buffer), bounds}.run();
}

} // namespace provision::json
