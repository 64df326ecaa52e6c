#include "explorer/simulated/fault_plan.hpp"

#include <array>
#include <cmath>
#include <cstdlib>

#include <simdjson.h>

#include "explorer/simulated/number_text.hpp"

namespace provision::simulated {

namespace {

constexpr std::array<std::string_view, 11> names = {
  "seed",         "server_error", "reset",   "close",   "truncate",    "delay",
  "delay_max_ms", "duplicate",    "reorder", "amnesia", "clock_skew_s"};

double* probability(fault_plan& plan, std::string_view name) {
  const std::pair<std::string_view, double*> all[]
    = {{"server_error", &plan.server_error},
       {"reset", &plan.reset},
       {"close", &plan.close},
       {"truncate", &plan.truncate},
       {"delay", &plan.delay},
       {"duplicate", &plan.duplicate},
       {"reorder", &plan.reorder},
       {"amnesia", &plan.amnesia}};
  for (const auto& [key, value] : all)
    if (key == name)
      return value;
  return nullptr;
}

error wrong(std::string_view name, std::string_view why) {
  return {errc::invalid_configuration,
          "fault " + std::string{name} + ": " + std::string{why}};
}

error set(fault_plan& plan, std::string_view name, double value) {
  if (auto* chance = probability(plan, name)) {
    if (!(value >= 0 && value <= 1))
      return wrong(name, "a probability lies between 0 and 1");
    *chance = value;
    return {};
  }
  if (std::abs(value) > 9e15 || value != std::floor(value))
    return wrong(name, "must be a whole number");
  if (name == "seed" && value >= 0) {
    plan.seed = static_cast<std::uint64_t>(value);
  } else if (name == "delay_max_ms" && value >= 0 && value <= 3600000) {
    plan.delay_max = std::chrono::milliseconds{static_cast<long>(value)};
  } else if (name == "clock_skew_s") {
    plan.clock_skew = std::chrono::seconds{static_cast<long>(value)};
  } else {
    std::string known;
    for (auto each : names)
      known.append(known.empty() ? "" : ", ").append(each);
    return wrong(name, "unknown or out of range; there are " + known);
  }
  return {};
}

} // namespace

std::uint64_t dice::next() noexcept {
  // splitmix64: any seed will do, also consecutive ones.
  auto z = state_ += 0x9e3779b97f4a7c15U;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31U);
}

double dice::fraction() noexcept {
  return static_cast<double>(next() >> 11U) * 0x1.0p-53;
}

fault_draw draw(const fault_plan& plan, std::uint64_t number) {
  dice mixer{plan.seed};
  dice luck{mixer.next() ^ number};
  fault_draw drawn;
  // Every number is drawn whatever came before, so that changing one
  // probability does not move the others.
  bool server_error = luck.happens(plan.server_error);
  bool reset = luck.happens(plan.reset);
  bool close = luck.happens(plan.close);
  bool truncate = luck.happens(plan.truncate);
  bool late = luck.happens(plan.delay);
  double lateness = luck.fraction();
  drawn.is_duplicated = luck.happens(plan.duplicate);
  drawn.is_reordered = luck.happens(plan.reorder);
  drawn.is_forgotten = luck.happens(plan.amnesia);
  bool takes_effect = luck.happens(0.5);
  drawn.arriving = luck.fraction();
  drawn.seed = luck.next();
  if (late)
    drawn.delay = std::chrono::milliseconds{static_cast<long>(
      lateness * static_cast<double>(plan.delay_max.count()))};
  using kind = fault_draw::kind;
  drawn.what = server_error ? kind::server_error
               : reset      ? kind::reset
               : close      ? kind::close
               : truncate   ? kind::truncate
                            : kind::none;
  drawn.takes_effect
    = drawn.what == kind::none || drawn.what == kind::truncate || takes_effect;
  return drawn;
}

error set_faults(fault_plan& plan, std::string_view text) {
  auto changed = plan;
  while (!text.empty()) {
    auto end = text.find(',');
    auto pair = text.substr(0, end);
    text = end == text.npos ? std::string_view{} : text.substr(end + 1);
    auto equals = pair.find('=');
    std::string value{equals == pair.npos ? "" : pair.substr(equals + 1)};
    char* rest = nullptr;
    auto number = std::strtod(value.c_str(), &rest);
    if (value.empty() || *rest != '\0')
      return wrong(pair, "expected <name>=<number>");
    if (auto broken = set(changed, pair.substr(0, equals), number))
      return broken;
  }
  plan = changed;
  return {};
}

error read_faults(fault_plan& plan, std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(simdjson::padded_string{json}).get(object)
      != simdjson::SUCCESS)
    return {errc::malformed_input, "faults are a JSON object of numbers"};
  auto changed = plan;
  for (auto [name, value] : object) {
    double number = 0;
    if (value.get(number) != simdjson::SUCCESS)
      return wrong(name, "must be a number");
    if (auto broken = set(changed, name, number))
      return broken;
  }
  plan = changed;
  return {};
}

std::string write(const fault_plan& plan) {
  std::string text = "{\"seed\":" + std::to_string(plan.seed);
  auto copy = plan;
  for (auto name : names)
    if (auto* chance = probability(copy, name))
      text.append(",\"").append(name).append("\":").append(
        number_text(*chance));
  text += ",\"delay_max_ms\":" + std::to_string(plan.delay_max.count());
  text += ",\"clock_skew_s\":" + std::to_string(plan.clock_skew.count());
  return text + "}";
}

} // namespace provision::simulated
