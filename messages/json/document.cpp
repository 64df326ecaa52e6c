#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>

#include "messages/json/document_tables.hpp"
#include "messages/json/json.hpp"

namespace provision::json {

namespace {

/// Room for a common document, so that writing seldom moves it.
constexpr std::size_t document_bytes_usual = 2048;

/// The empty arguments of a type; nothing for types without a document.
std::optional<documents::content> empty_content(std::uint8_t type) {
  switch (static_cast<workload_type>(type)) {
  case workload_type::zdb:
    return documents::zdb{};
  case workload_type::container:
    return documents::container{};
  case workload_type::volume:
    return documents::volume{};
  case workload_type::network:
    return std::nullopt;
  case workload_type::kubernetes:
    return documents::kubernetes{};
  case workload_type::proxy:
    return documents::proxy{};
  case workload_type::reverse_proxy:
    return documents::reverse_proxy{};
  case workload_type::subdomain:
    return documents::subdomain{};
  case workload_type::domain_delegate:
    return documents::domain_delegate{};
  case workload_type::gateway4to6:
    return documents::gateway4to6{};
  case workload_type::network_resource:
    return documents::network_resource{};
  case workload_type::public_ip:
    return documents::public_ip{};
  }
  return std::nullopt;
}

/// Reads a document in one go if its type comes before the type's own keys,
/// as the explorer writes it, else in two.
class document_reader {
public:
  explicit document_reader(reader& in) : in_{in} {}

  bool run(std::string_view text) {
    json_object top;
    if (!in_.open(text, top) || !read_members_of(top))
      return false;
    if (!is_known_ && !choose_content())
      return false;
    if (!came_too_early_)
      return true;
    return choose_content() && in_.reopen(top) && read_content_of(top);
  }

  documents::workload& out() noexcept { return out_; }

private:
  bool read_members_of(json_object top) {
    std::size_t next = 0;
    return for_each_member(in_, top, [&](std::string_view key, json_value v) {
      const auto* found = find_field<documents::workload>(table_, key, next);
      if (found == nullptr)
        return read_own(key, v);
      if (!found->read(in_, v, out_))
        return in_.at(found->key);
      return found->key != type_key || choose_content();
    });
  }

  bool read_content_of(json_object top) {
    return for_each_member(in_, top, [&](std::string_view key, json_value v) {
      std::size_t next = 0;
      auto is_shared
        = find_field<documents::workload>(table_, key, next) != nullptr;
      return is_shared || read_own(key, v);
    });
  }

  /// Replaces the content by the type's empty one.
  bool choose_content() {
    auto content = empty_content(out_.type);
    if (!content) {
      in_.fail("unrecognized workload type " + std::to_string(out_.type),
               errc::unknown_workload_type);
      return in_.at(type_key);
    }
    // The type may come twice, and the last one counts.
    came_too_early_ = came_too_early_ || content_began_;
    out_.content = *std::move(content);
    is_known_ = true;
    return true;
  }

  /// A key of the type, or a foreign one.
  bool read_own(std::string_view key, json_value v) {
    if (!is_known_) {
      came_too_early_ = true;
      return true;
    }
    content_began_ = true;
    return std::visit(
      [&]<class T>(T& content) {
        const auto* found = find_field<T>(fields<T>, key, next_own_);
        return found == nullptr || found->read(in_, v, content)
               || in_.at(found->key);
      },
      out_.content);
  }

  static constexpr std::string_view type_key = "workload_type";
  static constexpr std::span<const field<documents::workload>> table_
    = fields<documents::workload>;

  reader& in_;
  documents::workload out_ = {};
  /// Whether the type is known and the content is of that type.
  bool is_known_ = false;
  bool content_began_ = false;
  /// Keys that may be the type's came before the type.
  bool came_too_early_ = false;
  std::size_t next_own_ = 0;
};

} // namespace

expected<documents::workload> read_document(std::string_view text,
                                            const limits& bounds) {
  reader in{bounds};
  document_reader document{in};
  if (!document.run(text))
    return fail(in.take_failure());
  return std::move(document.out());
}

expected<documents::workload_result>
read_workload_result(std::string_view text, const limits& bounds) {
  reader in{bounds};
  json_object top;
  documents::workload_result out;
  if (!in.open(text, top)
      || !read_members<documents::workload_result>(
        in, top, out, fields<documents::workload_result>))
    return fail(in.take_failure());
  return out;
}

std::string write(const documents::workload& w) {
  std::string out;
  out.reserve(document_bytes_usual);
  out += '{';
  write_members<documents::workload>(out, w, fields<documents::workload>);
  std::visit([&]<class T>(
               const T& content) { write_members<T>(out, content, fields<T>); },
             w.content);
  out += '}';
  return out;
}

std::string write(const documents::workload_result& r) {
  std::string out;
  write_value(out, r);
  return out;
}

} // namespace provision::json
