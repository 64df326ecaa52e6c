#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace provision::test {

/// One namespace of the double. Kept as "<folder>/<name>/zdb-namespace", a line
/// per setting and per pair of key and value.
struct double_namespace {
  std::uint64_t size_max = 0;
  std::string password = {};
  bool is_public = true;
  std::map<std::string, std::string> pairs = {};

  std::uint64_t used() const {
    std::uint64_t sum = 0;
    for (const auto& [key, value] : pairs)
      sum += value.size();
    return sum;
  }
};

/// All of them, in memory and on disk.
class double_namespaces {
public:
  /// Reads what an earlier process has left in these folders.
  double_namespaces(std::string data, std::string index);

  std::map<std::string, double_namespace> all = {};

  /// After every change of `name`, also if it was removed.
  void save(const std::string& name) const;

private:
  std::string data_;
  std::string index_;
};

} // namespace provision::test
