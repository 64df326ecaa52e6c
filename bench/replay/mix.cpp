#include "bench/replay/mix.hpp"

#include <algorithm>
#include <charconv>

#include "bench/replay/generator.hpp"

namespace provision::bench {

namespace {

expected<type_share> read_share(std::string_view part) {
  auto equals = part.find('=');
  type_share share{reservation_type{std::string{part.substr(0, equals)}}, 0};
  auto& known = generated_types();
  if (std::find(known.begin(), known.end(), share.type) == known.end())
    return fail(errc::invalid_configuration,
                "--mix: \"" + share.type.name + "\" cannot be generated");
  auto number
    = equals == part.npos ? std::string_view{} : part.substr(equals + 1);
  auto* end = number.data() + number.size();
  auto [stop, code] = std::from_chars(number.data(), end, share.weight);
  if (code != std::errc{} || stop != end || share.weight == 0)
    return fail(errc::invalid_configuration,
                "--mix: " + std::string{part}
                  + ": expected TYPE=SHARE with a share above zero");
  return share;
}

} // namespace

expected<type_mix> read_mix(std::string_view text) {
  type_mix mix;
  while (true) {
    auto comma = text.find(',');
    auto share = read_share(text.substr(0, comma));
    if (!share)
      return fail(share.error());
    mix.push_back(std::move(*share));
    if (comma == text.npos)
      return mix;
    text.remove_prefix(comma + 1);
  }
}

} // namespace provision::bench
