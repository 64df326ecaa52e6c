#include "explorer/simulated/result_verdict.hpp"

#include <initializer_list>

#include "identity/node_key.hpp"
#include "identity/result_signature.hpp"

namespace provision::simulated {

std::string_view to_string(result_verdict verdict) noexcept {
  switch (verdict) {
  case result_verdict::no_result:
    return "";
  case result_verdict::unsigned_result:
    return "unsigned";
  case result_verdict::valid:
    return "valid";
  case result_verdict::invalid:
    return "invalid";
  }
  return "";
}

result_verdict verdict_on(const documents::workload& w) {
  const auto& stored = w.result;
  if (stored.workload_id.empty())
    return result_verdict::no_result;
  if (stored.signature.empty())
    return result_verdict::unsigned_result;
  auto key = public_key_of_node_id(stored.node_id);
  if (!key)
    return result_verdict::invalid;
  result reported;
  reported.id = stored.workload_id;
  reported.error = stored.message;
  reported.data = stored.data_json.empty() ? "null" : stored.data_json;
  reported.signature = stored.signature;
  auto is_valid = [&](result_state state) {
    reported.state = state;
    return !verify(reported, *key);
  };
  if (is_valid(stored.state))
    return result_verdict::valid;
  if (stored.state == result_state::deleted)
    for (auto before : {result_state::ok, result_state::error})
      if (is_valid(before))
        return result_verdict::valid;
  return result_verdict::invalid;
}

} // namespace provision::simulated
