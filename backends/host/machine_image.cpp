#include "backends/host/machine_image.hpp"

#include <algorithm>
#include <charconv>

#include <unistd.h>

#include "shim/small_file.hpp"

namespace provision {

namespace {

/// "" if there is none.
std::string optional_file(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0 ? path : std::string{};
}

void replace_all(std::string& text, std::string_view name,
                 std::string_view value) {
  for (auto at = text.find(name); at != std::string::npos;
       at = text.find(name, at + value.size()))
    text.replace(at, name.size(), value);
}

/// "255.255.255.0" for 24.
std::string dotted_mask(int prefix) {
  const auto bits = std::clamp(prefix, 0, 32);
  const std::uint32_t mask
    = bits == 0 ? 0U : ~std::uint32_t{0} << (32U - static_cast<unsigned>(bits));
  std::string text;
  for (const unsigned shift : {24U, 16U, 8U, 0U})
    text += (text.empty() ? "" : ".") + std::to_string(mask >> shift & 255U);
  return text;
}

} // namespace

expected<machine_image> open_machine_image(const std::string& folder) {
  machine_image image{.kernel = folder + "/kernel",
                      .initrd = optional_file(folder + "/initrd"),
                      .disk = optional_file(folder + "/disk")};
  if (::access(image.kernel.c_str(), R_OK) != 0)
    return fail(errc::invalid_configuration,
                image.kernel + ": there is no kernel for machines");
  auto line = shim::read_small(folder + "/command_line");
  while (line.ends_with('\n') || line.ends_with(' '))
    line.pop_back();
  if (line.find('\n') != std::string::npos)
    return fail(errc::invalid_configuration,
                folder + "/command_line: has more than one line");
  image.command_line = std::move(line);
  return image;
}

std::string kernel_arguments(const machine_image& image,
                             const network_terms& terms,
                             const std::string& hostname) {
  const auto slash = std::min(terms.address.find('/'), terms.address.size());
  int prefix = 32;
  if (slash < terms.address.size())
    std::from_chars(terms.address.data() + slash + 1,
                    terms.address.data() + terms.address.size(), prefix);
  auto line = image.command_line;
  replace_all(line, "{address}", terms.address.substr(0, slash));
  replace_all(line, "{netmask}", dotted_mask(prefix));
  replace_all(line, "{gateway}", terms.gateway);
  replace_all(line, "{hostname}", hostname);
  return line;
}

} // namespace provision
