// Converters: the recorded text must come out byte for byte.
#include "messages/converter.hpp"

#include "messages/json/gateway.hpp"
#include "messages/json/json.hpp"
#include "tests/conformance/checks.hpp"

namespace provision::conformance {

namespace {

/// Whether the original refused it, and in which step.
bool is_refusal(const value& event) {
  return event["event"] != "converted" || !text(event, "error").empty();
}

void compare(verdict& out, const std::string& what, const std::string& theirs,
             const std::string& ours) {
  if (theirs != ours)
    out.failures.push_back(what + ": recorded " + theirs + ", ours " + ours);
}

bool is_of_gateway(const reservation_type& type) {
  namespace types = reservation_types;
  return type == types::proxy || type == types::reverse_proxy
         || type == types::subdomain || type == types::domain_delegate
         || type == types::gateway4to6;
}

void check_document(verdict& out, const value& document, const value& event) {
  auto label = "document " + std::to_string(event["document"].get<int>());
  // Documents are given as text where the bytes matter.
  auto bytes
    = document.is_string() ? document.get<std::string>() : document.dump();
  auto made = json::read_document(bytes).and_then(to_reservation);
  bool encode_error = event["event"] == "encode_error";
  if (is_refusal(event) && !encode_error) {
    if (made)
      out.failures.push_back(label + ": is refused by the original, not by us");
    return;
  }
  if (!made) {
    out.failures.push_back(label + ": " + made.error().message);
    return;
  }
  if (is_of_gateway(made->type)) {
    // The original's node drops what only its gateway program knows.
    out.used.insert(rules::gateway_types_are_served);
    if (!json::read_gateway(made->type, made->data))
      out.failures.push_back(label + ": its arguments are lost");
    made->data.clear();
  }
  auto written = json::write(*made);
  if (encode_error) {
    if (written)
      out.failures.push_back(label + ": the original cannot write it, we can");
    return;
  }
  compare(out, label, text(event, "text"),
          written ? *written : written.error().message);
  auto flag = [](bool b) { return std::string{b ? "true" : "false"}; };
  compare(out, label + " expired", flag(event.value("expired", false)),
          flag(made->expired(from_unix(scenario_time))));
  compare(out, label + " nil result", flag(event.value("result_is_nil", false)),
          flag(made->result.is_nil()));
  if (event.contains("network_id"))
    compare(out, label + " network id", text(event, "network_id"),
            network_of(*made));
}

} // namespace

verdict check_converter(const trace& recording) {
  verdict out;
  auto& documents = recording.input[0]["documents"];
  std::size_t seen = 0;
  for (auto& event : recording.output["events"]) {
    check_document(out, documents[event["document"].get<std::size_t>()], event);
    ++seen;
  }
  if (seen != documents.size())
    out.failures.push_back("not every document has an outcome");
  return out;
}

verdict check_result_converter(const trace& recording) {
  verdict out;
  auto& given = recording.input[0]["results"];
  auto& events = recording.output["events"];
  for (std::size_t i = 0; i < given.size(); ++i) {
    auto read = json::read_result(go_text(given[i]));
    if (!read) {
      out.failures.push_back(read.error().message);
      continue;
    }
    auto document = to_document(*read);
    auto label = "result " + read->id;
    if (is_refusal(events[i]) && document && is_of_gateway(read->type)) {
      out.used.insert(rules::gateway_types_are_served);
      continue;
    }
    if (is_refusal(events[i]) != !document)
      out.failures.push_back(label + ": refused by one side only");
    else if (document)
      compare(out, label, text(events[i], "text"), json::write(*document));
  }
  return out;
}

} // namespace provision::conformance
