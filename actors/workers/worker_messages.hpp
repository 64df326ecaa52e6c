#pragma once

#include <cstdint>
#include <string>

#include <caf/meta/type_name.hpp>

/// What a daemon and its worker process say to one another: the only messages
/// here that leave a process, and so the only ones with an inspect.
namespace provision {

/// The worker speaks first: it is ready to work. Both sides are one program, so
/// the number only tells a stranger's bytes from ours.
struct worker_hello {
  static constexpr std::uint32_t known = 0x70727731;

  std::uint32_t version = known;
  /// Name of the type that it serves.
  std::string type = {};
};

/// What a provisioner is asked for.
enum class worker_call : std::uint8_t { provision, decommission, probe };

struct worker_order {
  /// Comes back with the answer.
  std::uint64_t number = 0;
  worker_call call = worker_call::probe;
  /// The reservation in the node's own JSON form; empty for a probe.
  std::string reservation = {};
};

struct worker_answer {
  std::uint64_t number = 0;
  /// The result's data, compact JSON; empty unless something was provisioned.
  std::string data = {};
  /// The three parts of an error; code 0: it went well.
  std::uint8_t code = 0;
  std::int32_t detail = 0;
  std::string message = {};
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, worker_hello& x) {
  return f(caf::meta::type_name("worker_hello"), x.version, x.type);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, worker_order& x) {
  return f(caf::meta::type_name("worker_order"), x.number, x.call,
           x.reservation);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, worker_answer& x) {
  return f(caf::meta::type_name("worker_answer"), x.number, x.data, x.code,
           x.detail, x.message);
}

} // namespace provision
