#pragma once

#include <string>

#include "backends/host/file_descriptor.hpp"
#include "messages/error.hpp"

namespace provision {

/// Rings when somebody changes a filter or an interface of a network
/// namespace: the kernel's own notices. One thread only.
class change_bell {
public:
  /// `space`: the namespace; empty: the one that this process is in.
  static expected<change_bell> open(const std::string& space);

  /// Readable for poll(2) while there is news.
  int filters() const noexcept { return filters_.number(); }
  int links() const noexcept { return links_.number(); }

  /// Takes note of all news.
  void clear() const;

private:
  file_descriptor filters_ = {};
  file_descriptor links_ = {};
};

} // namespace provision
