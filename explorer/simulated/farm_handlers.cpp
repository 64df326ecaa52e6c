#include <algorithm>

#include "explorer/simulated/handlers.hpp"

namespace provision::simulated {

namespace {

/// What the original's farm middleware writes: the bare text.
response refuse_bare(int status, std::string text) {
  response refused;
  refused.status = status;
  refused.headers = {{"Content-Type", "text/plain; charset=utf-8"}};
  refused.body = std::move(text);
  return refused;
}

std::string write_for(const explorer_state& state, const call& c, farm f) {
  if (!is_user(state, c))
    f.email.clear();
  return write(f);
}

} // namespace

page_of read_page(const call& c, std::size_t total) {
  constexpr std::int64_t size_default = 100;
  constexpr std::int64_t size_max = 1000;
  auto text = c.parameter("size");
  auto size = text.empty() ? size_default : parse_integer(text).value_or(0);
  size = std::min(size, size_max);
  auto page = parse_integer(c.parameter("page")).value_or(1);
  page = std::clamp<std::int64_t>(page - 1, 0, 1LL << 40);
  // Without a size there is one page with everything.
  auto step = size > 0 ? static_cast<std::size_t>(size)
                       : std::max<std::size_t>(total, 1);
  page_of part;
  part.first = std::min(total, static_cast<std::size_t>(page) * step);
  part.end = std::min(total, part.first + step);
  part.pages = std::to_string((total + step - 1) / step);
  return part;
}

response answer_page(const std::vector<std::string>& elements,
                     const std::string& pages) {
  std::string body = "[";
  for (const auto& each : elements)
    body.append(body.size() > 1 ? "," : "").append(each);
  auto answered = answer(200, body + "]");
  answered.headers.emplace_back("Pages", pages);
  return answered;
}

response create_farm(explorer_state& state, const call& c) {
  auto read = read_farm(c.request.body);
  if (!read)
    return refuse(400, read.error().message);
  if (auto broken = validate(*read))
    return refuse(400, broken.message);
  auto id = state.all.farms.empty() ? 1 : state.all.farms.rbegin()->first + 1;
  read->id = id;
  state.make(farm_stored{std::move(*read)});
  return answer(201, "{\"id\":" + std::to_string(id) + "}");
}

response list_farms(explorer_state& state, const call& c) {
  std::int64_t owner = 0;
  if (auto text = c.parameter("owner"); !text.empty()) {
    auto number = parse_integer(text);
    if (!number)
      return refuse(400,
                    "owner should be a integer: " + number.error().message);
    owner = *number;
  }
  auto name = c.parameter("name");
  std::vector<const farm*> matching;
  for (const auto& [id, each] : state.all.farms)
    if ((owner == 0 || each.threebot_id == owner)
        && (name.empty() || each.name == name))
      matching.push_back(&each);
  auto part = read_page(c, matching.size());
  std::vector<std::string> texts;
  for (auto i = part.first; i < part.end; ++i)
    texts.push_back(write_for(state, c, *matching[i]));
  return answer_page(texts, part.pages);
}

response find_farm(explorer_state& state, const call& c) {
  auto id = parse_integer(c.variables[0]);
  if (!id)
    return refuse(400, id.error().message);
  auto found = state.all.farms.find(*id);
  if (found == state.all.farms.end() || c.fault.is_forgotten)
    return refuse(404, no_documents);
  return answer(200, write_for(state, c, found->second));
}

response add_farm_ips(explorer_state& state, const call& c) {
  auto id = parse_integer(c.variables[0]);
  if (!id)
    return refuse_bare(400, id.error().message);
  auto owner = parse_integer(c.caller);
  if (!owner && state.options.verify_signatures)
    return refuse_bare(400, owner.error().message);
  auto found = state.all.farms.find(*id);
  if (found == state.all.farms.end()
      || (owner && found->second.threebot_id != *owner))
    return refuse_bare(404, std::string{no_documents});
  auto ips = read_farm_ips(c.request.body);
  if (!ips)
    return refuse(400, ips.error().message);
  auto changed = found->second;
  if (!changed.ipaddresses)
    changed.ipaddresses.emplace();
  for (const auto& each : *ips) {
    auto known = [&](const farm_ip& ip) { return ip.address == each.address; };
    if (std::none_of(changed.ipaddresses->begin(), changed.ipaddresses->end(),
                     known))
      changed.ipaddresses->push_back(each);
  }
  state.make(farm_stored{std::move(changed)});
  return done();
}

} // namespace provision::simulated
