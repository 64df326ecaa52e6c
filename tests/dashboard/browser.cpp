#include "tests/dashboard/browser.hpp"

#include <fstream>
#include <map>
#include <stdexcept>

#include <boost/beast/core/detail/base64.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/support/patience.hpp"

namespace provision::dashboard {

using nlohmann::json;
using test::eventually;

namespace {

std::string quoted(const std::string& text) {
  return json(text).dump();
}

struct key_press {
  int code = 0;
  std::string text = {};
};

key_press press_of(const std::string& key) {
  static const std::map<std::string, key_press> known{{"Tab", {9, ""}},
                                                      {"Enter", {13, "\r"}},
                                                      {"Escape", {27, ""}},
                                                      {"Space", {32, " "}}};
  return known.at(key);
}

std::string from_base64(const std::string& text) {
  namespace base64 = boost::beast::detail::base64;
  std::string bytes(base64::decoded_size(text.size()), '\0');
  bytes.resize(base64::decode(bytes.data(), text.data(), text.size()).first);
  return bytes;
}

} // namespace

browser::browser() {
  auto target = command("Target.createTarget", {{"url", "about:blank"}});
  session_ = command("Target.attachToTarget",
                     {{"targetId", target.at("targetId")}, {"flatten", true}})
               .at("sessionId");
  for (auto* part :
       {"Page.enable", "Runtime.enable", "Network.enable", "Log.enable"})
    command(part);
  resize(1280, 900);
}

json browser::command(const std::string& method, json parameters) {
  json asked{
    {"id", ++commands_}, {"method", method}, {"params", std::move(parameters)}};
  if (!session_.empty())
    asked["sessionId"] = session_;
  pipe_.send(asked.dump());
  for (;;) {
    auto got = json::parse(pipe_.receive());
    if (!got.contains("id"))
      note(got);
    else if (got.at("id") == commands_) {
      if (got.contains("error"))
        throw std::runtime_error{method + ": " + got.at("error").dump()};
      return got.at("result");
    }
  }
}

void browser::note(const json& event) {
  auto method = event.at("method").get<std::string>();
  auto& what = event.at("params");
  if (method == "Page.loadEventFired")
    has_loaded_ = true;
  else if (method == "Network.requestWillBeSent")
    requests_.push_back(what.at("request").at("url"));
  else if (method == "Runtime.exceptionThrown")
    complaints_.push_back(what.at("exceptionDetails").dump());
  else if (method == "Runtime.consoleAPICalled")
    complaints_.push_back(what.at("args").dump());
  else if (method == "Log.entryAdded")
    complaints_.push_back(what.at("entry").dump());
}

void browser::catch_up() {
  while (auto message = pipe_.poll())
    note(json::parse(*message));
}

void browser::open(const std::string& url) {
  has_loaded_ = false;
  auto gone = command("Page.navigate", {{"url", url}});
  if (gone.contains("errorText"))
    throw std::runtime_error{url + ": " + gone.at("errorText").dump()};
  while (!has_loaded_)
    note(json::parse(pipe_.receive()));
}

json browser::evaluate(const std::string& expression) {
  auto got = command("Runtime.evaluate", {{"expression", expression},
                                          {"returnByValue", true},
                                          {"awaitPromise", true}});
  if (got.contains("exceptionDetails"))
    throw std::runtime_error{expression + ": "
                             + got.at("exceptionDetails").dump()};
  return got.at("result").value("value", json{});
}

bool browser::sees(const std::string& expression) {
  return eventually(
    [&] { return evaluate("Boolean(" + expression + ")") == json(true); });
}

std::string browser::text(const std::string& selector) {
  return evaluate("document.querySelector(" + quoted(selector)
                  + ")?.textContent ?? ''");
}

bool browser::shows(const std::string& selector, const std::string& part) {
  bool found = eventually(
    [&] { return text(selector).find(part) != std::string::npos; });
  BOOST_CHECK_MESSAGE(found, "'" + part + "' is missing in " + selector + ": "
                               + text(selector));
  return found;
}

void browser::press(const std::string& key, bool with_shift) {
  auto what = press_of(key);
  json event{{"type", what.text.empty() ? "rawKeyDown" : "keyDown"},
             {"key", key == "Space" ? " " : key},
             {"code", key},
             {"windowsVirtualKeyCode", what.code},
             {"modifiers", with_shift ? 8 : 0}};
  if (!what.text.empty())
    event["text"] = what.text;
  command("Input.dispatchKeyEvent", event);
  event["type"] = "keyUp";
  event.erase("text");
  command("Input.dispatchKeyEvent", event);
}

bool browser::tab_to(const std::string& expression, int tabs_max) {
  for (int i = 0; i < tabs_max; ++i) {
    press("Tab");
    if (evaluate("Boolean(" + expression + ")") == json(true))
      return true;
  }
  return false;
}

void browser::type(const std::string& text) {
  command("Input.insertText", {{"text", text}});
}

void browser::click(const std::string& selector) {
  auto at
    = evaluate("(() => { const one = document.querySelector(" + quoted(selector)
               + "); one.scrollIntoView({block: 'center'}); const box = "
                 "one.getBoundingClientRect(); return {x: box.x + "
                 "box.width / 2, y: box.y + box.height / 2}; })()");
  for (auto* type : {"mousePressed", "mouseReleased"})
    command("Input.dispatchMouseEvent", {{"type", type},
                                         {"x", at.at("x")},
                                         {"y", at.at("y")},
                                         {"button", "left"},
                                         {"clickCount", 1}});
}

void browser::resize(int width, int height) {
  command("Emulation.setDeviceMetricsOverride", {{"width", width},
                                                 {"height", height},
                                                 {"deviceScaleFactor", 1},
                                                 {"mobile", false}});
}

void browser::prefer(const std::string& scheme) {
  command(
    "Emulation.setEmulatedMedia",
    {{"features", {{{"name", "prefers-color-scheme"}, {"value", scheme}}}}});
}

void browser::save_screenshot(const std::string& path) {
  auto got = command("Page.captureScreenshot", {{"format", "png"}});
  std::ofstream{path, std::ios::binary}
    << from_base64(got.at("data").get<std::string>());
}

const std::vector<std::string>& browser::complaints() {
  catch_up();
  return complaints_;
}

const std::vector<std::string>& browser::requests() {
  catch_up();
  return requests_;
}

} // namespace provision::dashboard
