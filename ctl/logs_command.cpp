// What workloads write, once or as it comes.
#include <algorithm>
#include <chrono>
#include <ostream>
#include <thread>

#include "ctl/command_line.hpp"
#include "ctl/commands.hpp"

namespace provision::ctl {

namespace {

/// A workload must not steer the terminal of whoever reads it.
std::string harmless(std::string text) {
  std::ranges::replace_if(
    text,
    [](char c) {
      const auto byte = static_cast<unsigned char>(c);
      return (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7F;
    },
    '?');
  return text;
}

/// The id that `id` is, or is the beginning of; its exit code if there is none.
std::string whole_id(const surroundings& here, const std::string& id,
                     int& code) {
  const auto found = here.client.get("/v1/reservations/" + escape(id));
  if (found && found->status == 200)
    return text_of(parse(found->body), "id");
  code = found ? complain(here, *found) : complain(here, found.error());
  return {};
}

void print_piece(const surroundings& here, const api_reply& reply,
                 const json_value& piece) {
  auto& to = here.to;
  if (to.as_json) {
    to.out << reply.body;
  } else {
    if (text_of(piece, "gap") == "yes")
      here.err << "provisionctl: some output was not kept\n";
    const auto text = text_of(piece, "text");
    to.out << (to.is_terminal ? harmless(text) : text);
  }
  to.out << std::flush;
}

} // namespace

int logs(const surroundings& here, const std::string& id,
         const logs_choice& choice, const repetition& again) {
  int code = all_well;
  const auto whole = whole_id(here, id, code);
  if (code != all_well)
    return code;
  const auto target = "/v1/reservations/" + escape(whole) + "/logs?";
  auto which = "last=" + std::to_string(choice.last);
  for (;;) {
    const auto reply = here.client.get(target + which);
    if (!reply)
      return complain(here, reply.error());
    if (reply->status != 200)
      return complain(here, *reply);
    const auto piece = parse(reply->body);
    const auto next = text_of(piece, "next");
    const bool is_news = !text_of(piece, "text").empty();
    if (is_news || which.starts_with("last"))
      print_piece(here, *reply, piece);
    if (!choice.is_followed || !here.to.out)
      return all_well;
    which = "after=" + escape(next);
    // Only at the end of what there is.
    if (!is_news)
      std::this_thread::sleep_for(again.interval);
  }
}

} // namespace provision::ctl
