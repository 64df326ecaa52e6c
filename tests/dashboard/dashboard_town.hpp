#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>

#include "tests/dashboard/browser.hpp"
#include "tests/journeys/process_town.hpp"
#include "tests/support/patience.hpp"

namespace provision::dashboard {

/// The real daemon, the simulated explorer, and a browser before the dashboard.
struct dashboard_town : journeys::process_town {
  explicit dashboard_town(const std::string& more = {}) : more{more} {
    serve_at(0);
  }

  /// Has the daemon serve the dashboard at this port from its next start on; 0:
  /// at any free one.
  void serve_at(std::uint16_t port) {
    conf = node.configure(explorer->url(), more
                                             + "[dashboard]\nlisten = "
                                               "\"127.0.0.1:"
                                             + std::to_string(port) + "\"\n");
  }

  /// The port that the running daemon serves it at.
  std::uint16_t port() const {
    std::size_t at = std::string::npos;
    BOOST_REQUIRE(test::eventually([&] {
      at = node.log().find("port=", node.log().find("the dashboard is served"));
      return at != std::string::npos;
    }));
    return static_cast<std::uint16_t>(std::stoul(node.log().substr(at + 5)));
  }

  std::string origin() const {
    return "http://127.0.0.1:" + std::to_string(port());
  }

  /// Starts the daemon, opens the page and waits for the node's first words.
  void look() {
    start();
    tab.open(origin() + "/dashboard/");
    BOOST_REQUIRE(tab.shows("#link", "live"));
  }

  std::string more;
  browser tab = {};
};

/// Whether the table has a row for this reservation, in this state.
inline std::string row_is(const std::string& id, const std::string& state) {
  return "[...document.querySelectorAll('#rows tr')].some((row) => "
         "row.cells[0].textContent === '"
         + id + "' && row.cells[2].textContent === '" + state + "')";
}

} // namespace provision::dashboard
