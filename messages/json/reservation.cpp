#include "messages/reservation.hpp"

#include <array>
#include <string>
#include <utility>

#include "messages/json/calendar.hpp"
#include "messages/json/forms.hpp"
#include "messages/json/json.hpp"

namespace provision::json {

namespace {

constexpr std::int64_t last_year = 9999;

/// Whether RFC 3339 can carry it.
bool is_writable(timestamp t) noexcept {
  auto year = to_civil(t.seconds).year;
  return year >= 0 && year <= last_year;
}

} // namespace

template <>
inline constexpr std::array fields<result>{
  member<&result::type>("type"),
  member<&result::id>("id"),
  member<&result::created, as_rfc3339>("created"),
  member<&result::state>("state"),
  member<&result::error>("message"),
  member<&result::data, as_raw>("data_json"),
  member<&result::signature>("signature"),
};

template <>
inline constexpr std::array fields<reservation>{
  member<&reservation::id>("id"),
  member<&reservation::node_id>("node_id"),
  member<&reservation::user_id>("user_id"),
  member<&reservation::type>("type"),
  member_if_any<&reservation::data, as_raw>("data"),
  member<&reservation::created, as_rfc3339>("created"),
  member<&reservation::duration, as_nanoseconds>("duration"),
  member_if_any<&reservation::signature, as_base64>("signature"),
  member<&reservation::to_delete>("to_delete"),
  member<&reservation::reference>("reference"),
  member<&reservation::result>("result"),
  member<&reservation::version>("version"),
};

expected<reservation> read_reservation(std::string_view text,
                                       const limits& bounds) {
  reader in{bounds};
  json_object top;
  reservation out;
  if (!in.open(text, top)
      || !read_members<reservation>(in, top, out, fields<reservation>))
    return fail(in.take_failure());
  decode_workload(out, bounds);
  return out;
}

expected<result> read_result(std::string_view text, const limits& bounds) {
  reader in{bounds};
  json_object top;
  result out;
  if (!in.open(text, top)
      || !read_members<result>(in, top, out, fields<result>))
    return fail(in.take_failure());
  return out;
}

expected<std::string> write(const reservation& r) {
  if (!is_writable(r.created) || !is_writable(r.result.created))
    return fail(errc::malformed_input,
                "reservation " + r.id + ": year outside of 0 to 9999");
  std::string out;
  out.reserve(r.data.size() + 1024);
  write_value(out, r);
  return out;
}

std::string write(const result& r) {
  std::string out;
  write_value(out, r);
  return out;
}

} // namespace provision::json
