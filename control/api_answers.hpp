#pragma once

#include <string>

#include "control/api.hpp"
#include "control/json_writer.hpp"
#include "messages/error.hpp"

/// How the API answers.
namespace provision {

void answer(api_call& call, const json_writer& text, int status = 200);
/// In the text format of Prometheus.
void answer_metrics(api_call& call, std::string text);

void answer_text(api_call& call, std::string text, int status = 200);

/// {"error": {"code", "message"}} with the status that fits.
void refuse(api_call& call, const error& why);
void refuse(api_call& call, int status, std::string_view code,
            std::string_view message);

/// The text of one member of a small object; errc::malformed_input.
expected<std::string> text_member(const std::string& body, const char* name);

/// Member "reason" of an order's body, 1 to 1024 bytes.
expected<std::string> reason_of_order(const std::string& body);

/// Who gave which order can be read in the log later.
void note_order(const api_call& call, std::string_view name,
                const std::string& subject);

void write_error(json_writer& out, std::string_view name, const error& why);
void write_record(json_writer& out, const record& row);
/// With its bytes as stored, in hexadecimal, if they are given.
void write_line(json_writer& out, const journal_entry& line,
                std::string_view row = {});
void write_report(json_writer& out, const outbox_row& row);
void write_quarantined(json_writer& out, const quarantined& one);
void write_resources(json_writer& out, std::string_view name,
                     const resources& amounts);

} // namespace provision
