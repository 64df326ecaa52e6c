#include "explorer/simulated/loading.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <variant>

#include "explorer/simulated/customer_checks.hpp"
#include "explorer/simulated/object_reader.hpp"
#include "messages/json/json.hpp"

namespace provision::simulated {

namespace {

using loaded = std::variant<user, documents::workload>;

expected<loaded> read_loaded(const std::string& text) {
  auto reader = object_reader::parse(text);
  if (!reader)
    return fail(reader.error());
  if (reader->has("pubkey")) {
    auto who = read_user(text);
    if (!who)
      return fail(who.error());
    return loaded{std::move(*who)};
  }
  auto w = json::read_document(text);
  if (!w)
    return fail(w.error());
  return loaded{std::move(*w)};
}

struct storer {
  explorer_state& state;

  void operator()(user& who) {
    if (who.id <= 0)
      who.id = state.all.users.next_id();
    state.make(user_stored{std::move(who)});
  }

  void operator()(documents::workload& w) {
    if (w.id <= 0)
      w.id = state.all.last_workload_id + 1;
    // A document as its user would send it is to be deployed.
    if (w.next_action == documents::next_action::create)
      w.next_action = documents::next_action::deploy;
    state.make(workload_stored{std::move(w)});
  }
};

error check(const explorer_state& state, const loaded& what) {
  const auto* w = std::get_if<documents::workload>(&what);
  if (!w)
    return {};
  if (auto refusal = check_new(state, *w, std::to_string(w->customer_tid),
                               signature_form::hashed))
    return refusal;
  return check_pool(state, *w);
}

} // namespace

expected<std::vector<std::string>> split_documents(std::string_view text) {
  std::vector<std::string> found;
  std::size_t depth = 0;
  std::size_t start = 0;
  bool in_text = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (in_text) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        in_text = false;
    } else if (c == '"') {
      in_text = true;
    } else if (c == '{') {
      if (depth++ == 0)
        start = i;
    } else if (c == '}' && depth > 0 && --depth == 0) {
      found.emplace_back(text.substr(start, i + 1 - start));
    }
  }
  if (depth != 0 || in_text)
    return fail(errc::malformed_input,
                "document " + std::to_string(found.size() + 1) + " has no end");
  return found;
}

expected<std::size_t> load_documents(explorer_state& state,
                                     std::string_view text,
                                     load_checks checks) {
  auto texts = split_documents(text);
  if (!texts)
    return fail(texts.error());
  std::vector<loaded> all;
  for (const auto& each : *texts) {
    auto number = std::to_string(all.size() + 1);
    auto read = read_loaded(each);
    if (!read)
      return fail(read.error().code,
                  "document " + number + ": " + read.error().message);
    if (checks == load_checks::customer)
      if (auto refusal = check(state, *read))
        return fail(refusal.code,
                    "document " + number + ": " + refusal.message);
    all.push_back(std::move(*read));
  }
  for (auto& each : all)
    std::visit(storer{state}, each);
  return all.size();
}

expected<std::vector<std::string>> files_of(const std::string& path) {
  std::error_code code;
  if (!std::filesystem::is_directory(path, code))
    return std::vector{path};
  std::vector<std::string> files;
  std::filesystem::directory_iterator entries{path, code};
  if (code)
    return fail(errc::storage_failure, path + ": " + code.message());
  for (const auto& each : entries)
    if (each.is_regular_file(code))
      files.push_back(each.path().string());
  std::sort(files.begin(), files.end());
  return files;
}

} // namespace provision::simulated
