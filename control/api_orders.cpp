// What an administrator can order.
#include <rapidjson/document.h>

#include "control/api_asking.hpp"
#include "messages/json/json.hpp"

namespace provision {

namespace {

constexpr std::size_t reason_bytes_max = 1024;

/// The text of one member of a small object.
expected<std::string> text_member(const std::string& body, const char* name) {
  auto broken = json::check_json(body, nullptr, {.depth_max = 8});
  if (broken)
    return fail(std::move(broken));
  rapidjson::Document document;
  document.Parse(body.data(), body.size());
  if (!document.IsObject() || !document.HasMember(name)
      || !document[name].IsString())
    return fail(errc::malformed_input,
                std::string{name} + ": a text is missing");
  return std::string{document[name].GetString(),
                     document[name].GetStringLength()};
}

} // namespace

void api_state::cancel(const api_call_ptr& call) {
  auto reason = text_member(call->request.body, "reason");
  if (!reason)
    return refuse(*call, reason.error());
  if (reason->empty() || reason->size() > reason_bytes_max)
    return refuse(*call, {errc::malformed_input,
                          "reason: 1 to 1024 bytes, its owner reads it"});
  auto& id = call->target.path.at(2);
  ask<done>(call, peers.engine, decommission_cached{id, *reason},
            [call, id](done&) {
              json_writer out;
              out.begin_object().field("id", id).field("cancelled", true);
              out.end_object();
              answer(*call, out);
            });
}

} // namespace provision
