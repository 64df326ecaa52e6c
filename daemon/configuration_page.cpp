#include "daemon/configuration_page.hpp"

#include <utility>

#include "config/node_config.hpp"
#include "manual/roff.hpp"

namespace provision {

namespace {

std::string introduction() {
  return roff::paragraph(
           "provisiond reads one TOML file. Every key has a default, so the "
           "file holds only what differs. A key that does not exist and a "
           "number without its unit are refused; 'provisiond check' tells "
           "whether a file is good.")
         + roff::item("duration", "a text of a whole number and ms, s, m or h: "
                                  "\"250ms\"")
         + roff::item("size", "a text of a whole number and KiB, MiB, GiB or "
                              "TiB: \"64MiB\"")
         + roff::item("list", "words in brackets: [\"volume\"]")
         + roff::paragraph(
           "A daemon that gets a SIGHUP (systemctl reload) takes a change of a "
           "live key over; a change of any other key waits for its next start, "
           "and the daemon says so.");
}

std::string item_of(const config::key_description& key) {
  const auto name = key.key.substr(key.key.find('.') + 1);
  return roff::item(name, key.text + " (" + key.unit + ": " + key.allowed
                            + "; default " + key.default_value
                            + (key.is_live ? "; live)" : ")"));
}

} // namespace

std::string configuration_page(const std::string& version) {
  auto text = roff::head({.name = "provisiond.toml",
                          .section = 5,
                          .origin = "provisiond " + version,
                          .summary = "configuration of provisiond"})
              + roff::section("DESCRIPTION") + introduction();
  std::string section;
  for (const auto& key : config::describe()) {
    if (auto its = key.key.substr(0, key.key.find('.')); its != section) {
      section = its;
      text += roff::section("[" + section + "]");
    }
    text += item_of(key);
  }
  text += roff::section("SEE ALSO")
          + roff::paragraph("provisiond(8), provisionctl(1)");
  return roff::page(std::move(text));
}

} // namespace provision
