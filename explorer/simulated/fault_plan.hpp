#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "messages/error.hpp"

namespace provision::simulated {

/// Which misfortunes befall the node's calls, and how often. Probabilities
/// are between 0 and 1. The same seed and request number always draw the same.
struct fault_plan {
  std::uint64_t seed = 1;
  /// 503 instead of the answer; half of the time after the effect.
  double server_error = 0;
  /// Connection reset; half of the time after the effect.
  double reset = 0;
  /// Connection closed without an answer; half of the time after the effect.
  double close = 0;
  /// The answer stops in the middle of its body.
  double truncate = 0;
  /// The answer comes late, by up to `delay_max`.
  double delay = 0;
  std::chrono::milliseconds delay_max{100};
  /// A page of the poll holds some documents twice.
  double duplicate = 0;
  /// A page of the poll comes in another order.
  double reorder = 0;
  /// The explorer has forgotten: empty pages, 404 for what it holds.
  double amnesia = 0;
  /// Added to the explorer's clock.
  std::chrono::seconds clock_skew{0};

  bool operator==(const fault_plan&) const = default;
};

/// What befalls one request.
struct fault_draw {
  enum class kind : std::uint8_t {
    none,
    server_error,
    reset,
    close,
    truncate,
  };

  kind what = kind::none;
  /// Whether the request takes effect although its answer is lost.
  bool takes_effect = true;
  std::chrono::milliseconds delay{0};
  bool is_duplicated = false;
  bool is_reordered = false;
  bool is_forgotten = false;
  /// Fraction of the body that arrives if it is truncated.
  double arriving = 1;
  /// Seed for whatever else the request needs to draw.
  std::uint64_t seed = 0;
};

/// What befalls request number `number`.
fault_draw draw(const fault_plan& plan, std::uint64_t number);

/// Sets "<name>=<value>", several separated by commas: "reset=0.1,seed=7".
/// Names are those of the plan, the times delay_max_ms and clock_skew_s.
/// errc::invalid_configuration names what is wrong.
error set_faults(fault_plan& plan, std::string_view text);

/// The same from a JSON object: {"reset":0.1,"seed":7}.
error read_faults(fault_plan& plan, std::string_view json);

/// The plan as a JSON object.
std::string write(const fault_plan& plan);

/// Pseudo-random numbers that are the same on every machine.
class dice {
public:
  explicit dice(std::uint64_t seed) noexcept : state_{seed} {}

  std::uint64_t next() noexcept;

  /// 0 to 1, 1 excluded.
  double fraction() noexcept;

  /// Whether an event of this probability happens.
  bool happens(double probability) noexcept { return fraction() < probability; }

private:
  std::uint64_t state_;
};

} // namespace provision::simulated
