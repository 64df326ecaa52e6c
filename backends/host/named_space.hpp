#pragma once

#include <string>
#include <string_view>

#include "backends/host/network_tools.hpp"
#include "backends/host/step_hook.hpp"

/// The life of network namespaces that are kept by name.
namespace provision::named_space {

/// Makes it, also from what a crash has left of it; present is a success.
error make(const network_tools& tools, const std::string& name,
           const step_hook& before_step);

/// Removes it; absent is a success.
error remove(const network_tools& tools, const std::string& name,
             const step_hook& before_step);

/// Writes a switch below /proc/sys/net in the calling thread's namespace, such
/// as "ipv4/ip_forward". One of IPv6 that is missing is passed over: a kernel
/// without IPv6 needs none of it switched off.
error set_switch(const std::string& name, std::string_view value);

} // namespace provision::named_space
