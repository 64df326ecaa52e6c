#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <caf/meta/type_name.hpp>

#include "messages/error.hpp"

/// What a daemon and its worker process say to one another: the only messages
/// here that leave a process, and so the only ones with an inspect.
namespace provision {

/// The three parts of an error; code 0: there is none.
struct worker_error {
  std::uint8_t code = 0;
  std::int32_t detail = 0;
  std::string message = {};

  worker_error() = default;
  worker_error(const error& what)
    : code{static_cast<std::uint8_t>(what.code)}, detail{what.detail},
      message{what.message.substr(0, text_max)} {}

  explicit operator bool() const noexcept { return code != 0; }
  error read() const { return {static_cast<errc>(code), message, detail}; }

  /// An error's text is a line for people, never a document.
  static constexpr std::size_t text_max = 64U << 10U;
};

/// The daemon speaks first: for whom the worker is to work. Both sides are one
/// program, so the number only tells a stranger's bytes from ours.
struct worker_appointment {
  static constexpr char kind = 'w';
  static constexpr std::uint32_t known = 0x70727732;

  std::uint32_t version = known;
  /// Name of the type that it is to serve.
  std::string type = {};
  /// Whose workloads they are: names on the host derive from it.
  std::string node_id = {};
};

/// The worker is ready to work, or says why it cannot.
struct worker_hello {
  static constexpr char kind = 'h';

  std::uint32_t version = worker_appointment::known;
  std::string type = {};
  worker_error why_not = {};
};

/// What a worker is asked for.
enum class worker_call : std::uint8_t {
  provision,
  decommission,
  probe,
  /// All that it holds.
  list,
  /// To make one of those not be.
  remove
};

struct worker_order {
  static constexpr char kind = 'o';

  /// Comes back with the answer.
  std::uint64_t number = 0;
  worker_call call = worker_call::probe;
  /// The reservation in the node's own JSON form; the id of what is to be
  /// removed; else empty.
  std::string what = {};
};

/// A held_object.
struct worker_object {
  std::string id = {};
  std::string what = {};
  std::vector<std::string> volumes = {};
};

struct worker_answer {
  static constexpr char kind = 'a';

  std::uint64_t number = 0;
  /// The result's data, compact JSON; empty unless something was provisioned.
  std::string data = {};
  /// What it holds; empty unless that was asked.
  std::vector<worker_object> objects = {};
  worker_error failed = {};
};

/// What a worker needs of its daemon to do what it was asked for.
enum class worker_need : std::uint8_t {
  /// What is sealed for the node in a reservation that is in the worker's
  /// hands.
  secret,
  /// A network's key, which is sealed for the node, too.
  network_key,
  /// Whose live reservation an id is.
  owner
};

struct worker_question {
  static constexpr char kind = 'q';

  std::uint64_t number = 0;
  worker_need need = worker_need::secret;
  /// Id of a reservation.
  std::string id = {};
  /// What is sealed; of what type the reservation has to be.
  std::string text = {};
};

struct worker_reply {
  static constexpr char kind = 'r';

  std::uint64_t number = 0;
  std::string text = {};
  worker_error failed = {};
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, worker_error& x) {
  return f(caf::meta::type_name("worker_error"), x.code, x.detail, x.message);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, worker_appointment& x) {
  return f(caf::meta::type_name("worker_appointment"), x.version, x.type,
           x.node_id);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, worker_hello& x) {
  return f(caf::meta::type_name("worker_hello"), x.version, x.type, x.why_not);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, worker_order& x) {
  return f(caf::meta::type_name("worker_order"), x.number, x.call, x.what);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, worker_object& x) {
  return f(caf::meta::type_name("worker_object"), x.id, x.what, x.volumes);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, worker_answer& x) {
  return f(caf::meta::type_name("worker_answer"), x.number, x.data, x.objects,
           x.failed);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, worker_question& x) {
  return f(caf::meta::type_name("worker_question"), x.number, x.need, x.id,
           x.text);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, worker_reply& x) {
  return f(caf::meta::type_name("worker_reply"), x.number, x.text, x.failed);
}

} // namespace provision
