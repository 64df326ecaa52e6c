#include <functional>
#include <unordered_map>

#include <simdjson.h>

#include "explorer/simulated/holdings.hpp"
#include "explorer/simulated/number_text.hpp"
#include "explorer/simulated/object_reader.hpp"
#include "messages/json/json.hpp"

namespace provision::simulated {

namespace {

struct writer {
  std::string operator()(const workload_stored& c) const {
    return "{\"workload\":" + json::write(c.document) + "}";
  }
  std::string operator()(const result_stored& c) const {
    return "{\"result\":{\"id\":" + std::to_string(c.id)
           + ",\"value\":" + json::write(c.result) + "}}";
  }
  std::string operator()(const action_set& c) const {
    return "{\"action\":{\"id\":" + std::to_string(c.id) + ",\"next_action\":"
           + std::to_string(static_cast<int>(c.action)) + "}}";
  }
  std::string operator()(const queued& c) const {
    return "{\"queued\":" + json::write(c.snapshot) + "}";
  }
  std::string operator()(const dequeued& c) const {
    return "{\"dequeued\":{\"id\":" + std::to_string(c.id) + "}}";
  }
  std::string operator()(const user_stored& c) const {
    return "{\"user\":" + write(c.who) + "}";
  }
  std::string operator()(const farm_stored& c) const {
    return "{\"farm\":" + write(c.what) + "}";
  }
  std::string operator()(const node_stored& c) const {
    return "{\"node\":" + write(c.what, proofs::shown) + "}";
  }
  std::string operator()(const pool_stored& c) const {
    return "{\"pool\":" + c.what.write() + "}";
  }
  std::string operator()(const pool_used& c) const {
    return "{\"pool_use\":{\"pool_id\":" + std::to_string(c.pool_id)
           + ",\"workload_id\":" + std::to_string(c.workload_id) + ",\"cu\":"
           + number_text(c.units.cu) + ",\"su\":" + number_text(c.units.su)
           + ",\"ipv4\":" + number_text(c.units.ipv4)
           + ",\"at\":" + std::to_string(c.at)
           + ",\"starts\":" + (c.starts ? "true" : "false") + "}}";
  }
  std::string operator()(const counters_set& c) const {
    return "{\"counters\":{\"workload\":" + std::to_string(c.last_workload_id)
           + ",\"pool_order\":" + std::to_string(c.last_pool_order_id) + "}}";
  }
};

/// What a change holds once `made` was read.
template <class Change, class Made>
expected<change> wrap(expected<Made> made) {
  if (!made)
    return fail(made.error());
  return change{Change{std::move(*made)}};
}

/// Reads the fields of a change that consists of numbers.
template <class Change, class Fill>
expected<change> fields(std::string_view json, Fill fill) {
  auto reader = object_reader::parse(json);
  if (!reader)
    return fail(reader.error());
  Change made;
  fill(*reader, made);
  if (auto broken = reader->failure())
    return fail(broken);
  return change{std::move(made)};
}

expected<change> read_result(std::string_view text) {
  auto reader = object_reader::parse(text);
  if (!reader)
    return fail(reader.error());
  result_stored made;
  std::string value;
  reader->read("id", made.id);
  reader->read_raw("value", value);
  auto result = json::read_workload_result(value);
  if (!result)
    return fail(result.error());
  made.result = std::move(*result);
  return change{std::move(made)};
}

expected<change> read_action(std::string_view text) {
  return fields<action_set>(text, [](object_reader& from, action_set& to) {
    std::uint64_t action = 0;
    from.read("id", to.id);
    from.read("next_action", action);
    to.action = static_cast<documents::next_action>(action);
  });
}

expected<change> read_pool_use(std::string_view text) {
  return fields<pool_used>(text, [](object_reader& from, pool_used& to) {
    from.read("pool_id", to.pool_id);
    from.read("workload_id", to.workload_id);
    from.read("cu", to.units.cu);
    from.read("su", to.units.su);
    from.read("ipv4", to.units.ipv4);
    from.read("at", to.at);
    from.read("starts", to.starts);
  });
}

expected<change> read_counters(std::string_view text) {
  return fields<counters_set>(text, [](object_reader& from, counters_set& to) {
    from.read("workload", to.last_workload_id);
    from.read("pool_order", to.last_pool_order_id);
  });
}

expected<change> read_change(std::string_view kind, std::string_view text) {
  if (kind == "workload")
    return wrap<workload_stored>(json::read_document(text));
  if (kind == "result")
    return read_result(text);
  if (kind == "action")
    return read_action(text);
  if (kind == "queued")
    return wrap<queued>(json::read_document(text));
  if (kind == "dequeued")
    return fields<dequeued>(
      text, [](object_reader& from, dequeued& to) { from.read("id", to.id); });
  if (kind == "user")
    return wrap<user_stored>(read_user(text));
  if (kind == "farm")
    return wrap<farm_stored>(read_farm(text));
  if (kind == "node")
    return wrap<node_stored>(read_node(text));
  if (kind == "pool")
    return wrap<pool_stored>(pool::read(text));
  if (kind == "pool_use")
    return read_pool_use(text);
  if (kind == "counters")
    return read_counters(text);
  return fail(errc::malformed_input,
              "unknown change '" + std::string{kind} + "'");
}

} // namespace

std::string write(const change& what) {
  return std::visit(writer{}, what);
}

expected<std::vector<change>> read_changes(std::string_view json) {
  std::vector<change> changes;
  auto malformed = [](simdjson::error_code code) {
    return fail(errc::malformed_input, simdjson::error_message(code));
  };
  simdjson::ondemand::parser parser;
  simdjson::padded_string padded{json};
  simdjson::ondemand::document document;
  if (auto code = parser.iterate(padded).get(document))
    return malformed(code);
  simdjson::ondemand::array list;
  if (auto code = document.get_array().get(list))
    return malformed(code);
  for (auto element : list) {
    simdjson::ondemand::object object;
    if (auto code = element.get_object().get(object))
      return malformed(code);
    for (auto field : object) {
      std::string_view kind;
      if (auto code = field.unescaped_key().get(kind))
        return malformed(code);
      simdjson::ondemand::object value;
      if (auto code = field.value().get_object().get(value))
        return malformed(code);
      std::string_view text;
      if (auto code = value.raw_json().get(text))
        return malformed(code);
      auto change = read_change(kind, text);
      if (!change)
        return fail(change.error());
      changes.push_back(std::move(*change));
    }
  }
  return changes;
}

} // namespace provision::simulated
