#include "ctl/screen.hpp"

#include <algorithm>
#include <cstdio>

namespace provision::ctl {

std::string painted(const screen& to, paint how, std::string_view text) {
  const char* code = "";
  switch (how) {
  case paint::good:
    code = "\x1b[32m";
    break;
  case paint::bad:
    code = "\x1b[31m";
    break;
  case paint::weak:
    code = "\x1b[2m";
    break;
  case paint::strong:
    code = "\x1b[1m";
    break;
  case paint::plain:
    break;
  }
  if (!to.has_colour || *code == '\0')
    return std::string{text};
  return std::string{code}.append(text).append("\x1b[0m");
}

paint paint_of(std::string_view state) {
  if (state == "ok" || state == "provisioned" || state == "running")
    return paint::good;
  if (state == "failed" || state == "rejected" || state == "degraded"
      || state == "paused")
    return paint::bad;
  return paint::plain;
}

void print_table(const screen& to,
                 const std::vector<std::vector<std::string>>& rows,
                 const std::vector<std::size_t>& widths_min, bool has_heading) {
  auto widths = widths_min;
  for (auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], row[i].size());
  }
  bool is_heading = has_heading;
  for (auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      auto how = is_heading ? paint::strong : paint_of(row[i]);
      line += painted(to, how, row[i]);
      if (i + 1 < row.size())
        line.append(widths[i] - row[i].size() + 2, ' ');
    }
    to.out << line << '\n';
    is_heading = false;
  }
}

rapidjson::Document parse(std::string_view text) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(text.data(), text.size());
  if (document.HasParseError() || !document.IsObject())
    document.SetNull();
  return document;
}

const json_value& member(const json_value& object, const char* name) {
  static const json_value nothing{rapidjson::kObjectType};
  if (!object.IsObject())
    return nothing;
  auto found = object.FindMember(name);
  return found == object.MemberEnd() || found->value.IsNull() ? nothing
                                                              : found->value;
}

std::string text_of(const json_value& object, const char* name) {
  auto& value = member(object, name);
  if (value.IsString())
    return {value.GetString(), value.GetStringLength()};
  if (value.IsUint64())
    return std::to_string(value.GetUint64());
  if (value.IsInt64())
    return std::to_string(value.GetInt64());
  if (value.IsBool())
    return value.GetBool() ? "yes" : "no";
  return {};
}

std::uint64_t number_of(const json_value& object, const char* name) {
  auto& value = member(object, name);
  return value.IsUint64() ? value.GetUint64() : 0;
}

std::string time_text(std::string_view rfc3339) {
  constexpr std::size_t to_seconds = 19;
  if (rfc3339.size() < to_seconds)
    return "-";
  std::string text{rfc3339.substr(0, to_seconds)};
  std::replace(text.begin(), text.end(), 'T', ' ');
  return text;
}

std::string size_text(const json_value& object, const char* name) {
  auto found = object.FindMember(name);
  if (found == object.MemberEnd() || !found->value.IsUint64())
    return "no limit";
  auto bytes = static_cast<double>(found->value.GetUint64());
  constexpr const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  constexpr double step = 1024;
  for (; bytes >= step && unit + 1 < std::size(units); ++unit)
    bytes /= step;
  char text[32];
  std::snprintf(text, sizeof text, unit == 0 ? "%.0f %s" : "%.1f %s", bytes,
                units[unit]);
  return text;
}

} // namespace provision::ctl
