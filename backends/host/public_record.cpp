#include "backends/host/public_record.hpp"

#include <algorithm>

#include "shim/lines.hpp"
#include "shim/small_file.hpp"

namespace provision {

namespace {

constexpr std::string_view suffix = ".address";

std::string file_of(const std::string& id) {
  return id + std::string{suffix};
}

} // namespace

std::string write_record(const public_record& record) {
  shim::line_writer out;
  out.add("address", to_string(record.address));
  if (!record.machine.empty())
    out.add("machine", record.machine);
  return std::move(out).finish();
}

expected<public_record> read_public_record(std::string_view text) {
  const auto corrupt
    = [](const std::string& why) { return fail(errc::storage_corrupt, why); };
  public_record record;
  for (const auto& one : shim::read_lines(text)) {
    if (one.fields.size() != 1)
      return corrupt("has a line without a value");
    if (one.name == "machine") {
      record.machine = one.fields[0];
    } else if (one.name == "address") {
      const auto range = workloads::parse_cidr(one.fields[0]);
      if (!range)
        return corrupt(range.error().message);
      record.address = *range;
    } else {
      return corrupt("has a line '" + one.name + "'");
    }
  }
  if (record.address.address.family != workloads::ip_address::kind::v4)
    return corrupt("is not a whole record");
  return record;
}

expected<public_records> public_records::open(const std::string& path) {
  auto place = folder::make(path);
  if (!place)
    return fail(place.error());
  return public_records{std::move(*place)};
}

expected<std::optional<public_record>>
public_records::find(const std::string& id) const {
  const auto there = place_.look(file_of(id));
  if (!there)
    return fail(there.error());
  if (!there->exists)
    return std::optional<public_record>{};
  const auto path = place_.path(file_of(id));
  const auto text = read_whole(path);
  if (!text)
    return fail(text.error());
  auto record = read_public_record(*text);
  if (!record)
    return fail(record.error().code, path + ": " + record.error().message);
  return std::optional{std::move(*record)};
}

error public_records::keep(const std::string& id,
                           const public_record& record) const {
  return shim::write_durably(place_.path(file_of(id)), write_record(record));
}

error public_records::forget(const std::string& id) const {
  if (auto failed = place_.remove_file(file_of(id)))
    return failed;
  return place_.sync();
}

expected<std::vector<std::string>> public_records::ids() const {
  const auto names = place_.names();
  if (!names)
    return fail(names.error());
  std::vector<std::string> ids;
  for (const auto& name : *names)
    if (name.ends_with(suffix))
      ids.push_back(name.substr(0, name.size() - suffix.size()));
  std::ranges::sort(ids);
  return ids;
}

} // namespace provision
