#include "backends/host/gateway_record.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "messages/workloads/domain_name.hpp"
#include "shim/lines.hpp"
#include "shim/small_file.hpp"

namespace provision {

namespace {

namespace types = reservation_types;
using workloads::ip_address;

constexpr std::string_view suffix = ".gateway";

std::string file_of(const std::string& id) {
  return id + std::string{suffix};
}

struct record_writer {
  shim::line_writer& out;

  void operator()(const proxied_domain& what) const {
    out.add("proxy", what.domain);
    out.add("address", to_string(what.address));
    out.add("port", std::to_string(what.port));
    out.add("tls_port", std::to_string(what.tls_port));
  }

  void operator()(const tunnelled_domain& what) const {
    out.add("tunnel", what.domain);
    out.add("digest", what.digest);
  }

  void operator()(const named_addresses& what) const {
    out.add("subdomain", what.domain);
    for (const auto& one : what.addresses)
      out.add("address", to_string(one));
  }

  void operator()(const delegated_domain& what) const {
    out.add("delegate", what.domain);
  }
};

/// What lines say, before it is known of which kind the record is.
struct parts {
  std::string user = {};
  std::string kind = {};
  std::string domain = {};
  std::string digest = {};
  std::vector<ip_address> addresses = {};
  std::uint16_t port = 0;
  std::uint16_t tls_port = 0;
};

bool read_port(const std::string& text, std::uint16_t& out) {
  const auto* end = text.data() + text.size();
  const auto [stop, code] = std::from_chars(text.data(), end, out);
  return code == std::errc{} && stop == end;
}

bool is_number(const std::string& text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || c == '-';
  });
}

bool is_digest(const std::string& text) {
  constexpr std::size_t sha256_in_hex = 64;
  return text.size() == sha256_in_hex
         && text.find_first_not_of("0123456789abcdef") == text.npos;
}

/// False if the line is none of a record.
bool take(const std::string& name, const std::string& value, parts& into) {
  if (name == "user") {
    into.user = value;
    return is_number(value);
  }
  if (name == "port")
    return read_port(value, into.port);
  if (name == "tls_port")
    return read_port(value, into.tls_port);
  if (name == "digest") {
    into.digest = value;
    return is_digest(value);
  }
  if (name == "address") {
    const auto read = workloads::parse_ip(value);
    if (!read || read->family == ip_address::kind::none)
      return false;
    into.addresses.push_back(*read);
    return true;
  }
  const auto domain = workloads::parse_domain(value);
  into.kind = name;
  into.domain = value;
  return domain && *domain == value;
}

std::optional<gateway_wish> whole(parts from) {
  const auto addresses = from.addresses.size();
  if (from.kind == "proxy" && addresses == 1)
    return proxied_domain{from.domain, from.addresses[0], from.port,
                          from.tls_port};
  if (from.kind == "tunnel" && addresses == 0 && !from.digest.empty())
    return tunnelled_domain{from.domain, from.digest};
  if (from.kind == "subdomain" && addresses > 0)
    return named_addresses{from.domain, std::move(from.addresses)};
  if (from.kind == "delegate" && addresses == 0)
    return delegated_domain{from.domain};
  return std::nullopt;
}

} // namespace

const std::string& domain_of(const gateway_record& record) {
  return std::visit(
    [](const auto& what) -> const std::string& { return what.domain; },
    record.what);
}

reservation_type type_of(const gateway_record& record) {
  struct namer {
    auto operator()(const proxied_domain&) const { return types::proxy; }
    auto operator()(const tunnelled_domain&) const {
      return types::reverse_proxy;
    }
    auto operator()(const named_addresses&) const { return types::subdomain; }
    auto operator()(const delegated_domain&) const {
      return types::domain_delegate;
    }
  };
  return std::visit(namer{}, record.what);
}

std::string write_record(const gateway_record& record) {
  shim::line_writer out;
  out.add("user", record.user_id);
  std::visit(record_writer{out}, record.what);
  return std::move(out).finish();
}

expected<gateway_record> read_gateway_record(std::string_view text) {
  parts found;
  for (const auto& one : shim::read_lines(text))
    if (one.fields.size() != 1 || !take(one.name, one.fields[0], found))
      return fail(errc::storage_corrupt,
                  "has a line '" + one.name + "' that nobody can use");
  auto what = whole(found);
  if (!what || found.user.empty())
    return fail(errc::storage_corrupt, "is not a whole record");
  return gateway_record{std::move(found.user), std::move(*what)};
}

expected<gateway_records> gateway_records::open(const std::string& path) {
  auto place = folder::make(path);
  if (!place)
    return fail(place.error());
  return gateway_records{std::move(*place)};
}

expected<gateway_book> gateway_records::all() const {
  const auto names = place_.names();
  if (!names)
    return fail(names.error());
  gateway_book book;
  for (const auto& name : *names) {
    if (!name.ends_with(suffix))
      continue;
    const auto text = read_whole(place_.path(name));
    if (!text)
      return fail(text.error());
    auto record = read_gateway_record(*text);
    if (!record)
      return fail(record.error().code,
                  place_.path(name) + ": " + record.error().message
                    + "; remove that file if its reservation is of no use");
    book.emplace(name.substr(0, name.size() - suffix.size()),
                 std::move(*record));
  }
  return book;
}

error gateway_records::keep(const std::string& id,
                            const gateway_record& record) const {
  return shim::write_durably(place_.path(file_of(id)), write_record(record));
}

error gateway_records::forget(const std::string& id) const {
  if (auto failed = place_.remove_file(file_of(id)))
    return failed;
  return place_.sync();
}

} // namespace provision
