#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "bench/replay/mix.hpp"
#include "identity/node_key.hpp"
#include "messages/documents/document.hpp"
#include "messages/timestamp.hpp"

namespace provision::bench {

struct generator_options {
  std::uint64_t seed = 1;
  type_mix mix = {};
  std::string node_id = {};
  /// Reservation number of the first document; the others follow.
  std::int64_t first_id = 1;
  timestamp epoch = from_unix(1'614'250'050);
  /// Signatures take most of the time.
  bool is_signed = true;
};

/// The types that a generator can make.
const std::vector<reservation_type>& generated_types();

/// Users who order; their numbers count up from first_customer.
inline constexpr std::int64_t first_customer = 7;
inline constexpr std::int64_t customer_count = 16;

/// The key of a generated user: always the same.
node_key customer_key(std::int64_t tid);

/// The key of the node that is measured: always the same.
node_key measured_node();

/// Makes documents of about 1 KiB, signed by their customers; the same seed
/// makes the same ones, on every machine.
class generator {
public:
  explicit generator(generator_options options);

  documents::workload next();

private:
  std::uint64_t draw(std::uint64_t below) { return random_() % below; }
  reservation_type draw_type();
  std::string draw_bytes(std::size_t size);
  documents::content draw_volume();
  documents::content draw_zdb();
  documents::content draw_container();
  documents::content draw_network();
  documents::content draw_kubernetes();
  void fill(documents::workload& w, const reservation_type& type);

  generator_options options_;
  std::mt19937_64 random_;
  std::int64_t next_id_;
  std::vector<node_key> keys_ = {};
};

} // namespace provision::bench
