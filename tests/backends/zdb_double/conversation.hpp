#pragma once

#include <string>
#include <vector>

#include "tests/backends/zdb_double/namespaces.hpp"

namespace provision::test {

/// How the double was started.
struct double_options {
  std::string data = {};
  std::string index = {};
  std::string mode = {};
  std::string socket = {};
  /// Empty: no TCP.
  std::string listen = {};
  std::string port = "9900";
  std::string admin = {};
  bool is_protected = false;
};

/// One client's side of the double: what it may do, and what it is answered.
class conversation {
public:
  conversation(double_namespaces& all, const double_options& options)
    : all_{all}, options_{options}, is_admin_{options.admin.empty()},
      may_write_{!options.is_protected} {}

  /// The answer in the form of the protocol.
  std::string answer(const std::vector<std::string>& words);

private:
  using words = std::vector<std::string>;

  std::string authenticate(const words& said);
  std::string select(const words& said);
  std::string make(const words& said);
  std::string remove(const words& said);
  std::string set(const words& said);
  std::string tell(const words& said) const;
  std::string list() const;
  std::string put(const words& said);
  std::string get(const words& said) const;

  double_namespaces& all_;
  const double_options& options_;
  std::string selected_ = "default";
  bool is_admin_;
  bool may_write_;
};

} // namespace provision::test
