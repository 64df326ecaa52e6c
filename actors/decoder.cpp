#include "actors/decoder.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "identity/document_signature.hpp"
#include "messages/converter.hpp"
#include "messages/json/json.hpp"
#include "messages/json/peek.hpp"

namespace provision {

namespace {

/// Keeps what can be told of a text that does not decode.
void refuse_unreadable(intake_entry& entry, error reason) {
  entry.refusal = std::move(reason);
  if (auto identity = json::peek_identity(entry.received)) {
    entry.id = std::move(identity->id);
    entry.type = std::move(identity->type);
  }
}

void check(intake_entry& entry, const std::string& made_for,
           const std::string& node_id) {
  auto& what = *entry.what;
  entry.id = what.id;
  entry.type = what.type;
  if (!is_safe_id(what.id))
    entry.refusal = {errc::invalid_reservation,
                     "id: \"" + what.id + "\" cannot name a workload"};
  else if (!made_for.empty() && made_for != node_id)
    entry.refusal
      = {errc::wrong_node,
         "reservation " + what.id + ": node_id: made for node " + made_for};
}

void decode_document(decoded_document& made, const std::string& node_id) {
  auto& entry = made.entry;
  auto read = json::read_document(entry.received.text);
  if (!read)
    return refuse_unreadable(entry, read.error());
  auto document = std::make_shared<documents::workload>(std::move(*read));
  made.document = document;
  auto what = to_reservation(*document);
  if (!what)
    return refuse_unreadable(entry, what.error());
  entry.what = std::make_shared<reservation>(std::move(*what));
  check(entry, document->node_id, node_id);
}

void decode_reservation_text(decoded_document& made,
                             const std::string& node_id) {
  auto& entry = made.entry;
  auto what = json::read_reservation(entry.received.text);
  if (!what)
    return refuse_unreadable(entry, what.error());
  entry.what = std::make_shared<reservation>(std::move(*what));
  check(entry, entry.what->node_id, node_id);
}

error verify(const verify_documents::item& item) {
  // The original node's own form carries the customer's signature, but not
  // the fields that it covers: nothing can be checked.
  if (!item.document)
    return {errc::bad_signature, "a reservation in this form carries no "
                                 "signature that can be checked"};
  return verify_customer_signature(*item.document, item.public_key);
}

} // namespace

decoded_document decode(received_text received, const std::string& node_id) {
  decoded_document made;
  made.entry.received = std::move(received);
  if (made.entry.received.form == text_form::document)
    decode_document(made, node_id);
  else
    decode_reservation_text(made, node_id);
  return made;
}

decoder_actor::behavior_type
decoder_behavior(decoder_actor::stateful_pointer<decoder_state>) {
  return {[](glance_at_documents& request) {
            document_glances reply;
            reply.glances.reserve(request.documents.size());
            for (auto& received : request.documents)
              reply.glances.push_back(json::glance_at(received));
            return reply;
          },
          [](decode_documents& request) {
            decoded_documents reply;
            reply.documents.reserve(request.documents.size());
            for (auto& received : request.documents) {
              reply.documents.push_back(
                decode(std::move(received), request.node_id));
              if (!request.for_signatures)
                reply.documents.back().document.reset();
            }
            return reply;
          },
          [](verify_documents& request) {
            verdicts reply;
            reply.errors.reserve(request.items.size());
            for (auto& item : request.items)
              reply.errors.push_back(verify(item));
            return reply;
          }};
}

} // namespace provision
