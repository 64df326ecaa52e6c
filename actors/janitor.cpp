#include "actors/janitor.hpp"

namespace provision {

cleanup_report cleanup_resources(
  const std::vector<host_object>& host,
  const std::function<expected<bool>(const std::string&)>& is_live) {
  cleanup_report report;
  for (auto& object : host) {
    ++report.looked_at;
    auto live = is_live(object.id);
    // Unknown is never read as absent.
    if (live && !*live)
      report.orphans.push_back(object);
  }
  return report;
}

} // namespace provision
