#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/dashboard/devtools_pipe.hpp"

namespace provision::dashboard {

/// A tab of a real browser. Every call throws if the browser says no.
class browser {
public:
  browser();

  /// Goes there and waits until the page has loaded.
  void open(const std::string& url);

  /// The value of a JavaScript expression; a promise's, once it has one.
  nlohmann::json evaluate(const std::string& expression);

  /// Whether the expression comes to be true.
  bool sees(const std::string& expression);
  /// Whether the text of what `selector` finds comes to hold `text`; a failed
  /// check that shows both if not.
  bool shows(const std::string& selector, const std::string& text);
  /// The text of the first element that `selector` finds; empty for none.
  std::string text(const std::string& selector);

  /// Presses and releases "Tab", "Enter", "Escape" or "Space".
  void press(const std::string& key, bool with_shift = false);
  /// Presses Tab until the expression about `document.activeElement` holds;
  /// false if it does not within `tabs_max`.
  bool tab_to(const std::string& expression, int tabs_max = 200);
  void type(const std::string& text);
  /// Clicks into the middle of what `selector` finds.
  void click(const std::string& selector);

  /// CSS pixels.
  void resize(int width, int height);
  /// "light" or "dark".
  void prefer(const std::string& scheme);

  /// A PNG of what is in the window.
  void save_screenshot(const std::string& path);

  /// What went wrong so far: errors on the console, exceptions, refusals by the
  /// page's own policy.
  const std::vector<std::string>& complaints();
  /// URLs that were asked for so far.
  const std::vector<std::string>& requests();

  nlohmann::json command(const std::string& method,
                         nlohmann::json parameters = nlohmann::json::object());

private:
  void note(const nlohmann::json& event);
  void catch_up();

  devtools_pipe pipe_ = {};
  std::string session_ = {};
  std::uint64_t commands_ = 0;
  bool has_loaded_ = false;
  std::vector<std::string> complaints_ = {};
  std::vector<std::string> requests_ = {};
};

} // namespace provision::dashboard
