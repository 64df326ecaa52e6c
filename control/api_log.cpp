// How much is written to the log; until the configuration is read again.
#include "control/api_asking.hpp"
#include "logging/line.hpp"
#include "logging/log_level.hpp"

namespace provision {

void api_state::log_level(const api_call_ptr& call) {
  json_writer out;
  out.begin_object().field("level", log::to_string(log::lowest_level()));
  out.end_object();
  answer(*call, out);
}

void api_state::set_log_level(const api_call_ptr& call) {
  auto name = text_member(call->request.body, "level");
  if (!name)
    return refuse(*call, name.error());
  auto level = log::level_named(*name);
  if (!level)
    return refuse(*call, {errc::malformed_input,
                          "level: " + *name
                            + " is none of debug, info, warning, error, off"});
  note_order(*call, "log level", *name);
  log::set_lowest_level(*level);
  log_level(call);
}

} // namespace provision
