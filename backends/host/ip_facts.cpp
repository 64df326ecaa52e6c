#include "backends/host/ip_facts.hpp"

#include <algorithm>

#include <simdjson.h>

namespace provision {

namespace {

using simdjson::dom::element;

std::string text_of(const element& object, std::string_view key) {
  std::string_view text;
  return object[key].get(text) ? std::string{} : std::string{text};
}

std::uint64_t number_of(const element& object, std::string_view key) {
  std::uint64_t number = 0;
  return object[key].get(number) ? 0 : number;
}

/// Calls `take` for each member of the list `json`; a text that is empty is an
/// empty list, as older releases of ip write it.
template <class Function>
error each(std::string_view json, Function take) {
  if (json.find_first_not_of(" \n") == std::string_view::npos)
    return {};
  simdjson::dom::parser parser;
  simdjson::dom::array list;
  if (parser.parse(json.data(), json.size()).get(list))
    return {errc::backend_failure, "ip wrote something that is no list"};
  for (const element one : list)
    take(one);
  return {};
}

link_facts read_link(const element& from) {
  link_facts link{.name = text_of(from, "ifname"),
                  .alias = text_of(from, "ifalias"),
                  .master = text_of(from, "master"),
                  .mtu = static_cast<std::uint32_t>(number_of(from, "mtu"))};
  element details;
  if (!from["linkinfo"].get(details))
    link.kind = text_of(details, "info_kind");
  simdjson::dom::array list;
  if (!from["flags"].get(list))
    for (const element flag : list) {
      std::string_view name;
      link.up = link.up || (!flag.get(name) && name == "UP");
    }
  if (!from["addr_info"].get(list))
    for (const element address : list) {
      const auto family = text_of(address, "family");
      const auto text = text_of(address, "local") + '/'
                        + std::to_string(number_of(address, "prefixlen"));
      if (family == "inet")
        link.addresses.push_back(text);
      else if (family == "inet6" && text_of(address, "scope") == "global")
        link.ipv6_addresses.push_back(text);
    }
  return link;
}

} // namespace

expected<std::vector<link_facts>> read_links(std::string_view json) {
  std::vector<link_facts> links;
  // An address that does not match a filter leaves an empty object behind.
  auto wrong = each(json, [&](const element& one) {
    if (auto link = read_link(one); !link.name.empty())
      links.push_back(std::move(link));
  });
  if (wrong)
    return fail(wrong);
  return links;
}

expected<std::vector<std::string>> read_routes(std::string_view json,
                                               ip_family family) {
  std::vector<std::string> routes;
  auto wrong = each(json, [&](const element& one) {
    auto target = text_of(one, "dst");
    if (target == "default")
      target = family == ip_family::v6 ? "::/0" : "0.0.0.0/0";
    else if (target.find('/') == std::string::npos)
      target += family == ip_family::v6 ? "/128" : "/32";
    routes.push_back(std::move(target));
  });
  if (wrong)
    return fail(wrong);
  return routes;
}

const link_facts* find_link(const std::vector<link_facts>& links,
                            std::string_view name) {
  const auto found = std::ranges::find(links, name, &link_facts::name);
  return found == links.end() ? nullptr : &*found;
}

} // namespace provision
