#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "messages/documents/gateway.hpp"
#include "messages/documents/workloads.hpp"
#include "messages/reservation_type.hpp"
#include "messages/result.hpp"
#include "messages/timestamp.hpp"

/// What the explorer stores and sends: field for field the wire's objects.
/// Optional lists and maps keep the wire's difference between null and empty.
namespace provision::documents {

/// What should happen next with a workload. Numbers outside are possible.
enum class next_action : std::uint8_t {
  create = 0,
  sign = 1,
  pay = 2,
  deploy = 3,
  remove = 4,
  invalid = 5,
  deleted = 6,
  migrated = 7,
};

/// Who must agree to an action.
struct signing_request {
  std::optional<std::vector<std::int64_t>> signers = {};
  std::int64_t quorum_min = 0;

  bool operator==(const signing_request&) const = default;
};

/// A user's agreement.
struct signing_signature {
  std::int64_t tid = 0;
  /// Hex.
  std::string signature = {};
  timestamp epoch = {};

  bool operator==(const signing_signature&) const = default;
};

/// The latest result as the explorer keeps it.
struct workload_result {
  /// Number of the category; see workload_type.
  std::uint8_t category = 0;
  std::string workload_id = {};
  /// Compact JSON; empty if absent.
  std::string data_json = {};
  std::string signature = {};
  result_state state = result_state::error;
  std::string message = {};
  timestamp epoch = {};
  std::string node_id = {};

  bool operator==(const workload_result&) const = default;
};

/// Arguments per type.
using content = std::variant<zdb, container, volume, kubernetes, proxy,
                             reverse_proxy, subdomain, domain_delegate,
                             gateway4to6, network_resource, public_ip>;

/// A workload document: the fields that all types share, in wire order.
struct workload {
  std::int64_t workload_id = 0;
  std::string node_id = {};
  std::int64_t pool_id = 0;
  std::string reference = {};
  std::string description = {};
  signing_request signing_request_provision = {};
  signing_request signing_request_delete = {};
  std::int64_t id = 0;
  std::string json = {};
  std::int64_t customer_tid = 0;
  /// Hex.
  std::string customer_signature = {};
  documents::next_action next_action = documents::next_action::create;
  std::optional<std::vector<signing_signature>> signatures_provision = {};
  signing_signature signature_farmer = {};
  std::optional<std::vector<signing_signature>> signatures_delete = {};
  timestamp epoch = {};
  /// At most 1024 bytes.
  std::string metadata = {};
  workload_result result = {};
  /// Number of the type; 3 and 12 up are refused when reading.
  std::uint8_t type = 0;
  std::int64_t version = 0;
  documents::content content = {};

  bool operator==(const workload&) const = default;
};

/// "<id>-<workload_id>".
std::string global_id(const workload& w);

/// Whether its user wants it gone.
constexpr bool is_to_go(next_action what) noexcept {
  return what == next_action::remove || what == next_action::deleted;
}

/// The text whose SHA-256 the customer signs: spec, plain concatenation.
/// `word` and `tid` are appended for a delete ("delete", tid of the signer) or
/// provision signature.
std::string challenge(const workload& w);
std::string challenge(const workload& w, std::string_view word,
                      std::int64_t tid);

} // namespace provision::documents
