#include "bench/replay/known_stream.hpp"

#include <fstream>
#include <unordered_map>

#include <nlohmann/json.hpp>

#include "actors/sources/replay_source.hpp"
#include "messages/json/json.hpp"

namespace provision::bench {

namespace {

/// Id to the body of its last result.
std::unordered_map<std::string, std::string>
read_results(const std::string& recording) {
  std::unordered_map<std::string, std::string> results;
  std::ifstream lines{recording};
  std::string line;
  while (std::getline(lines, line)) {
    if (!line.starts_with("{\"recorded\":\"result\""))
      continue;
    auto mark = nlohmann::json::parse(line, nullptr, false);
    if (!mark.is_discarded())
      results[mark.value("id", "")] = mark["body"].dump();
  }
  return results;
}

} // namespace

error add_results(const std::string& stream, const std::string& recording,
                  const std::string& target) {
  auto results = read_results(recording);
  std::ifstream lines{stream};
  std::ofstream file{target};
  std::string line;
  while (std::getline(lines, line)) {
    auto document = guess_form(line) == text_form::document
                      ? json::read_document(line)
                      : fail(errc::malformed_input, "another form");
    auto result = document ? results.find(documents::global_id(*document))
                           : results.end();
    if (result != results.end()) {
      if (auto known = json::read_workload_result(result->second))
        document->result = std::move(*known);
      line = json::write(*document);
    }
    file << line << '\n';
  }
  file.close();
  if (!file)
    return {errc::storage_failure, target + ": cannot be written"};
  return {};
}

} // namespace provision::bench
