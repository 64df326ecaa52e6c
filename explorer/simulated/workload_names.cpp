#include "explorer/simulated/workload_names.hpp"

#include <array>

namespace provision::simulated {

namespace {

constexpr std::array<std::string_view, 12> types
  = {"zdb",           "container",        "volume",
     "network",       "kubernetes",       "proxy",
     "reverse_proxy", "subdomain",        "domain_delegate",
     "gateway4to6",   "network_resource", "public_ip"};

constexpr std::array<std::string_view, 8> actions
  = {"create", "sign",    "pay",     "deploy",
     "delete", "invalid", "deleted", "migrated"};

template <class Names>
std::string_view name_of(const Names& names, std::size_t number) noexcept {
  return number < names.size() ? names[number] : "unknown";
}

} // namespace

std::string_view type_name(const documents::workload& w) noexcept {
  return name_of(types, w.type);
}

std::string_view action_name(documents::next_action action) noexcept {
  return name_of(actions, static_cast<std::size_t>(action));
}

} // namespace provision::simulated
