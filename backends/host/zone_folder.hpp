#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "backends/host/folder.hpp"
#include "backends/host/step_hook.hpp"
#include "backends/host/zone_file.hpp"

namespace provision {

struct zone_folder_options {
  /// Folder of the zone files; made if it is missing.
  std::string path = {};
  zone_terms terms = {};
  /// named-checkzone by its absolute path; empty: nobody checks a zone.
  std::string checkzone = {};
  /// Program and arguments that make the DNS server read again; empty: nobody
  /// is told.
  std::vector<std::string> reload = {};
  /// Remembers that the DNS server has yet to be told; in a folder of the
  /// node's own.
  std::string pending_file = {};
  /// Seconds since 1970: the least serial number of what changes now.
  std::function<std::uint32_t()> now = {};
  step_hook before_step = {};
};

/// The zones of one node on the disk, where a DNS server reads them:
///
///   <path>/<domain>.zone   one zone
///          zones.bind, zones.nsd   all of them, for a server's configuration
///
/// Files that do not bear this node's mark are never touched. One thread at a
/// time.
class zone_folder {
public:
  static expected<zone_folder> open(zone_folder_options options);

  /// Makes the folder hold exactly these zones. A zone that changes is checked
  /// first and replaced at once, with a higher serial number; if one fails the
  /// check, none is changed. Then the DNS server is told.
  error settle(const std::vector<dns_zone>& wanted) const;

  /// Why this zone is not there as it is wanted; nothing if it is.
  std::optional<std::string> flaw(const dns_zone& wanted) const;

private:
  struct change {
    std::string file = {};
    std::string text = {};
    /// Of a zone; empty: no check.
    std::string domain = {};
  };

  zone_folder(zone_folder_options options, folder place)
    : options_{std::move(options)}, place_{std::move(place)} {}

  /// Empty if there is none; an error if that cannot be told.
  expected<std::string> current(const std::string& file) const;
  error plan(const std::vector<dns_zone>& wanted,
             std::vector<change>& changes) const;
  error plan_list(const std::string& file, const std::string& comment,
                  const std::string& text, std::vector<change>& changes) const;
  expected<std::vector<std::string>>
  unwanted(const std::vector<dns_zone>& wanted) const;
  error write_beside(const change& what) const;
  error put_in_force(const std::vector<change>& changes,
                     const std::vector<std::string>& unwanted) const;
  error tell_server() const;

  zone_folder_options options_;
  folder place_;
};

} // namespace provision
