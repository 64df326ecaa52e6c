#pragma once

#include <chrono>
#include <string>

#include "messages/json/fields.hpp"
#include "messages/timestamp.hpp"
#include "messages/workloads/address.hpp"
#include "messages/workloads/enums.hpp"

/// Forms of values that a member's type does not say by itself.
namespace provision::json {

/// Unix seconds; see parse_date for what else is read.
struct as_date {};
bool read_as(as_date, reader& in, json_value v, timestamp& out);
void write_as(as_date, std::string& out, const timestamp& value);

struct as_rfc3339 {};
bool read_as(as_rfc3339, reader& in, json_value v, timestamp& out);
void write_as(as_rfc3339, std::string& out, const timestamp& value);

/// A span as the number of its nanoseconds.
struct as_nanoseconds {};
bool read_as(as_nanoseconds, reader& in, json_value v,
             std::chrono::nanoseconds& out);
void write_as(as_nanoseconds, std::string& out,
              const std::chrono::nanoseconds& value);

/// Any JSON, kept as compact text; an empty text is written as null.
struct as_raw {};
bool read_as(as_raw, reader& in, json_value v, std::string& out);
void write_as(as_raw, std::string& out, const std::string& value);

/// Bytes as base64 text.
struct as_base64 {};
bool read_as(as_base64, reader& in, json_value v, std::string& out);
void write_as(as_base64, std::string& out, const std::string& value);

/// An enumerator by its name. Another name is kept as a number outside the
/// table, for the one who acts on it to refuse.
struct as_name {};
bool read_as(as_name, reader& in, json_value v, workloads::disk_type& out);
bool read_as(as_name, reader& in, json_value v, workloads::zdb_mode& out);
void write_as(as_name, std::string& out, workloads::disk_type value);
void write_as(as_name, std::string& out, workloads::zdb_mode value);

/// {"IP": address, "Mask": base64 of the mask's bytes, or null}.
struct as_ip_and_mask {};
bool read_as(as_ip_and_mask, reader& in, json_value v,
             workloads::ip_range& out);
void write_as(as_ip_and_mask, std::string& out,
              const workloads::ip_range& value);

} // namespace provision::json
