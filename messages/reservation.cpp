#include "messages/reservation.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <tuple>

namespace provision {

namespace {

constexpr std::size_t id_size_max = 64;

/// Decimal digits only.
std::optional<std::uint64_t> read_number(std::string_view text) noexcept {
  std::uint64_t number = 0;
  auto end = text.data() + text.size();
  auto [stop, code] = std::from_chars(text.data(), end, number);
  if (code != std::errc{} || stop != end)
    return std::nullopt;
  return number;
}

std::optional<split_id> try_split(std::string_view id) noexcept {
  auto dash = id.find('-');
  if (dash == id.npos)
    return std::nullopt;
  auto reservation = read_number(id.substr(0, dash));
  auto workload = read_number(id.substr(dash + 1));
  if (!reservation || !workload)
    return std::nullopt;
  return split_id{*reservation, *workload};
}

bool is_safe_character(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')
         || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' || c == '-';
}

} // namespace

bool reservation::expired(timestamp now) const noexcept {
  return duration.count() <= 0 || created.is_zero() || expires_at() < now;
}

timestamp reservation::expires_at() const noexcept {
  // Even the longest duration does not save what has no creation time.
  if (created.is_zero())
    return created;
  if (duration == std::chrono::nanoseconds::max())
    return end_of_time;
  return saturating_add(created, duration);
}

error reservation::validate(timestamp now) const {
  if (!is_safe_id(id))
    return {errc::invalid_reservation, "the id cannot name a reservation"};
  if (!reference.empty() && !is_safe_id(reference))
    return {errc::invalid_reservation,
            "reservation " + id + ": the reference cannot name a reservation"};
  if (created.is_zero())
    return {errc::expired, "reservation " + id + " has no creation time"};
  if (duration.count() <= 0)
    return {errc::expired, "reservation " + id + " has no duration"};
  if (expired(now))
    return {errc::expired, "reservation " + id + " has expired"};
  return {};
}

expected<split_id> split_reservation_id(std::string_view id) {
  if (auto numbers = try_split(id))
    return *numbers;
  return fail(errc::invalid_reservation,
              "reservation id '" + std::string{id}
                + "' is not <reservation>-<workload>");
}

bool is_safe_id(std::string_view id) noexcept {
  return !id.empty() && id.size() <= id_size_max && id != "." && id != ".."
         && std::all_of(id.begin(), id.end(), is_safe_character);
}

page_place place_in_page(const reservation& r) noexcept {
  constexpr split_id none{};
  auto numbers = try_split(r.id);
  return {order_rank(r.type), !numbers, numbers.value_or(none)};
}

bool before_in_page(const reservation& a, const reservation& b) noexcept {
  return place_in_page(a) < place_in_page(b);
}

std::string filesystem_name(const reservation& r) {
  return r.reference.empty() ? r.id : r.reference;
}

expected<std::int64_t> workload_id_from_filesystem(const filesystem& fs) {
  constexpr std::uint64_t number_max = std::numeric_limits<std::int64_t>::max();
  auto numbers = try_split(fs.name);
  if (!numbers || numbers->reservation > number_max)
    return fail(errc::malformed_input,
                "file system '" + fs.name + "' is not named by a reservation");
  return static_cast<std::int64_t>(numbers->reservation);
}

std::string network_of(const reservation& r) {
  if (r.type != reservation_types::network
      && r.type != reservation_types::network_resource)
    return {};
  auto network = std::get_if<workloads::network_resource>(&r.workload);
  return network == nullptr ? std::string{}
                            : network_id(r.user_id, network->name);
}

} // namespace provision
