#include "messages/capacity.hpp"

#include <cstdint>
#include <string>
#include <string_view>

#include "messages/json/json.hpp"
#include "messages/json/text.hpp"

namespace provision::json {

namespace {

/// Appends members of a flat object of numbers.
class number_members {
public:
  number_members& add(std::string_view key, auto number) {
    text_ += text_.empty() ? "{\"" : ",\"";
    text_ += key;
    text_ += "\":";
    append_number(text_, number);
    return *this;
  }

  std::string end() { return std::move(text_) + "}"; }

private:
  std::string text_ = {};
};

} // namespace

std::string write(const resource_amount& units, const workload_amount& counts) {
  auto count = [](std::uint16_t number) { return std::uint64_t{number}; };
  return number_members{}
    .add("cru", units.cru)
    .add("mru", units.mru)
    .add("hru", units.hru)
    .add("sru", units.sru)
    .add("network", count(counts.network))
    .add("network_resource", count(counts.network_resource))
    .add("volume", count(counts.volume))
    .add("zdb_namespace", count(counts.zdb_namespace))
    .add("container", count(counts.container))
    .add("k8s_vm", count(counts.k8s_vm))
    .add("proxy", count(counts.proxy))
    .add("reverse_proxy", count(counts.reverse_proxy))
    .add("subdomain", count(counts.subdomain))
    .add("delegate_domain", count(counts.delegate_domain))
    .end();
}

// The capital letter is the original's.
std::string write(const provision_counters& counters) {
  return number_members{}
    .add("container", counters.container)
    .add("Volume", counters.volume)
    .add("network", counters.network)
    .add("zdb", counters.zdb)
    .add("vm", counters.vm)
    .add("debug", counters.debug)
    .end();
}

} // namespace provision::json
