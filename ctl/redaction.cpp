#include "ctl/redaction.hpp"

#include <algorithm>
#include <cctype>
#include <regex>

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace provision::ctl {

namespace {

constexpr std::string_view removed = "(removed)";

/// What a name of a secret holds. "key" alone is the name of a row here.
constexpr std::string_view telling[]
  = {"password", "passwd",     "passphrase", "secret",      "token",
     "private",  "credential", "mnemonic",   "seed",        "ssh_key",
     "api_key",  "apikey",     "auth",       "environment", "cookie"};

bool is_secret_name(std::string_view name) {
  std::string lower{name};
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  return std::ranges::any_of(telling, [&](std::string_view part) {
    return lower.find(part) != std::string::npos;
  });
}

using document = rapidjson::Document;
using value = rapidjson::Value;

void set(value& one, std::string_view text, document::AllocatorType& pool) {
  one.SetString(text.data(), static_cast<rapidjson::SizeType>(text.size()),
                pool);
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as the API's answers nest.
void clean(value& one, document::AllocatorType& pool) {
  if (one.IsArray())
    for (auto& element : one.GetArray())
      clean(element, pool);
  if (one.IsString())
    set(one, redacted_json({one.GetString(), one.GetStringLength()}), pool);
  if (!one.IsObject())
    return;
  for (auto& member : one.GetObject()) {
    std::string_view name{member.name.GetString(),
                          member.name.GetStringLength()};
    bool is_empty
      = member.value.IsNull()
        || (member.value.IsString() && member.value.GetStringLength() == 0);
    if (!is_secret_name(name))
      clean(member.value, pool);
    else if (!is_empty)
      set(member.value, removed, pool);
  }
}

} // namespace

std::string redacted(std::string_view text) {
  static const std::regex pem{
    "-----BEGIN [A-Z ]*-----[^-]*(-----END [A-Z ]*-----)?"};
  static const std::regex in_url{"([a-zA-Z][a-zA-Z0-9+.-]*://)[^/@\\s]+@"};
  static const std::regex named{
    "((pass(word|wd|phrase)?|secret|token|credential|mnemonic|seed|"
    "private[ _-]?key|api[ _-]?key|auth(orization)?)[\"']?\\s*[=:]\\s*)"
    "(\"[^\"]*\"|'[^']*'|(bearer |basic )?[^\\s,;&]+)",
    std::regex::icase};
  std::string made{text};
  made = std::regex_replace(made, pem, std::string{removed});
  made = std::regex_replace(made, in_url, "$1(removed)@");
  return std::regex_replace(made, named, "$1(removed)");
}

std::string redacted_json(std::string_view text) {
  auto first = text.find_first_not_of(" \t\r\n");
  bool may_be = first != std::string_view::npos
                && (text[first] == '{' || text[first] == '[');
  document parsed;
  if (may_be)
    parsed.Parse<rapidjson::kParseIterativeFlag>(text.data(), text.size());
  if (!may_be || parsed.HasParseError())
    return redacted(text);
  clean(parsed, parsed.GetAllocator());
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer{buffer};
  parsed.Accept(writer);
  return buffer.GetString();
}

} // namespace provision::ctl
