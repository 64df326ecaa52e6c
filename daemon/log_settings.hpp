#pragma once

#include "config/node_config.hpp"
#include "logging/log.hpp"

namespace provision {

/// The log as the settings say, from the next line on.
inline void configure_log(const config::log_settings& settings) {
  log::configure(static_cast<log::level>(settings.level),
                 static_cast<log::format>(settings.format));
}

} // namespace provision
