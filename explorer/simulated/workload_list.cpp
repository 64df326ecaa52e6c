#include <algorithm>
#include <array>

#include "explorer/simulated/customer.hpp"
#include "explorer/simulated/object_reader.hpp"
#include "explorer/simulated/workload_names.hpp"
#include "messages/json/json.hpp"

namespace provision::simulated {

namespace {

using columns = std::array<std::string, 6>;

columns columns_of(const listed_workload& line) {
  return {line.id,     line.type,           line.next_action,
          line.result, line.node_signature, line.message};
}

/// Lines as a simulated explorer lists them.
expected<std::vector<listed_workload>> read_lines(std::string_view json) {
  auto list = parse_objects(json);
  if (!list)
    return fail(list.error());
  std::vector<listed_workload> lines;
  if (*list)
    for (auto& each : **list) {
      auto& line = lines.emplace_back();
      each.read("id", line.id);
      each.read("type", line.type);
      each.read("next_action", line.next_action);
      each.read("result", line.result);
      each.read("message", line.message);
      each.read("node_signature", line.node_signature);
    }
  return lines;
}

listed_workload to_line(const documents::workload& w) {
  listed_workload line;
  line.id = documents::global_id(w);
  line.type = type_name(w);
  line.next_action = action_name(w.next_action);
  if (!w.result.workload_id.empty())
    line.result = to_string(w.result.state);
  line.message = w.result.message;
  return line;
}

/// The pages of an original explorer's list.
expected<std::vector<listed_workload>> read_pages(http_transport& transport) {
  std::vector<listed_workload> lines;
  for (int page = 1;; ++page) {
    auto got = exchange(
      transport, {.method = "GET",
                  .target = "/api/v1/reservations/workloads?size=1000&page="
                            + std::to_string(page)});
    if (!got)
      return fail(got.error());
    auto documents = json::split_page(std::move(got->body));
    if (!documents)
      return fail(documents.error());
    if (documents->empty())
      return lines;
    for (const auto& each : *documents) {
      auto w = json::read_document(each.text);
      if (!w)
        return fail(w.error());
      lines.push_back(to_line(*w));
    }
  }
}

} // namespace

expected<std::vector<listed_workload>>
list_workloads(http_transport& transport) {
  auto got = exchange(transport, {.method = "GET", .target = "/sim/workloads"});
  if (got)
    return read_lines(got->body);
  if (got.error().detail != 404)
    return fail(got.error());
  return read_pages(transport);
}

std::string table_of(const std::vector<listed_workload>& lines) {
  std::vector<columns> rows
    = {{"ID", "TYPE", "NEXT ACTION", "RESULT", "SIGNATURE", "MESSAGE"}};
  for (const auto& each : lines)
    rows.push_back(columns_of(each));
  std::array<std::size_t, 6> widths{};
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], row[i].size());
  std::string table;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i)
      line += row[i] + std::string(widths[i] - row[i].size() + 2, ' ');
    line.erase(line.find_last_not_of(' ') + 1);
    table += line + "\n";
  }
  return table;
}

std::string json_of(const std::vector<listed_workload>& lines) {
  std::string text = "[";
  for (const auto& each : lines)
    text.append(text.size() > 1 ? "," : "")
      .append("{\"id\":" + json::quote(each.id)
              + ",\"type\":" + json::quote(each.type)
              + ",\"next_action\":" + json::quote(each.next_action)
              + ",\"result\":" + json::quote(each.result) + ",\"message\":"
              + json::quote(each.message) + ",\"node_signature\":"
              + json::quote(each.node_signature) + "}");
  return text + "]";
}

} // namespace provision::simulated
