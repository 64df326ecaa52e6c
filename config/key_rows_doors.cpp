#include "config/key_row_of.hpp"
#include "config/key_rows.hpp"

namespace provision::config {

namespace {

void add_api_rows(std::vector<key_row>& rows) {
  constexpr auto section = &node_config::api;
  using settings = api_settings;
  rows.push_back(row("api.socket", section, &settings::socket,
                     text_form{path_rule::absolute_path_or_empty},
                     "Unix socket of the local API, where provisionctl asks. "
                     "Empty: api.sock in the data folder."));
  rows.push_back(row("api.reader_group", section, &settings::reader_group,
                     text_form{path_rule::group_name},
                     "Members of this group may ask the node. Empty: only "
                     "root and the daemon's own user."));
  rows.push_back(row("api.admin_group", section, &settings::admin_group,
                     text_form{path_rule::group_name},
                     "Members of this group may also give orders. Empty: only "
                     "root and the daemon's own user."));
}

void add_metrics_rows(std::vector<key_row>& rows) {
  constexpr auto section = &node_config::metrics;
  using settings = metrics_settings;
  rows.push_back(row("metrics.listen", section, &settings::listen,
                     text_form{path_rule::listen_address},
                     "Where health and metrics are served over TCP, to be "
                     "read only, like 127.0.0.1:9464. Empty: only at the "
                     "local API's socket."));
  rows.push_back(
    row("metrics.reach", section, &settings::reach,
        choice_form<metrics_reach>{{{metrics_reach::loopback, "loopback"},
                                    {metrics_reach::anywhere, "anywhere"}}},
        "\"loopback\" refuses a metrics.listen that other hosts "
        "can reach: whoever can, may read it."));
}

void add_dashboard_rows(std::vector<key_row>& rows) {
  constexpr auto section = &node_config::dashboard;
  using settings = dashboard_settings;
  rows.push_back(row("dashboard.listen", section, &settings::listen,
                     text_form{path_rule::listen_address},
                     "Loopback address where browsers find the dashboard, like "
                     "127.0.0.1:9465. Every user of this host may read there "
                     "what members of api.reader_group may. Empty: only at "
                     "the local API's socket."));
  rows.push_back(row("dashboard.host", section, &settings::host,
                     text_form{path_rule::name_or_empty},
                     "A further name by which browsers may call this node, for "
                     "instance a proxy's. Under any other name than that and "
                     "those of the loopback they are refused."));
}

void add_log_rows(std::vector<key_row>& rows) {
  constexpr auto section = &node_config::log;
  using settings = log_settings;
  rows.push_back(row("log.level", section, &settings::level,
                     choice_form<log_level>{{{log_level::debug, "debug"},
                                             {log_level::info, "info"},
                                             {log_level::warning, "warning"},
                                             {log_level::error, "error"},
                                             {log_level::off, "off"}}},
                     "Lines of this severity and above are written."));
  rows.push_back(row("log.format", section, &settings::format,
                     choice_form<log_format>{{{log_format::text, "text"},
                                              {log_format::json, "json"}}},
                     "Lines for people, or one JSON object per line."));
  // Whoever reads the log may want more or less of it at once.
  for (auto i = rows.end() - 2; i != rows.end(); ++i)
    i->is_live = true;
}

} // namespace

void add_doors_key_rows(std::vector<key_row>& rows) {
  for (auto add :
       {add_api_rows, add_metrics_rows, add_dashboard_rows, add_log_rows})
    add(rows);
}

} // namespace provision::config
