#include <ostream>

#include "daemon/commands.hpp"
#include "daemon/node.hpp"
#include "identity/key_file.hpp"
#include "messages/json/json.hpp"
#include "persistence/import.hpp"
#include "persistence/leveldb/fsck.hpp"
#include "persistence/leveldb/leveldb_reservation_store.hpp"

namespace provision::commands {

namespace {

int complain(const error& why, std::ostream& out) {
  out << "provisiond: " << why.message << '\n';
  return 1;
}

void show_as_text(const fsck_report& report, std::ostream& out) {
  for (auto& problem : report.problems)
    out << (problem.repaired ? "mended   " : "damaged  ") << problem.kind
        << "  " << problem.row << ": " << problem.what << '\n';
  if (report.rebuilt)
    out << "the rows were copied to a fresh database; the damaged one is kept "
           "as "
        << report.kept_at << '\n';
  std::uint64_t rows = 0;
  for (auto& [kind, count] : report.rows)
    rows += count;
  out << rows << " rows read, " << report.problems.size() << " problems\n";
  if (!report.clean())
    out << "run the same command with --repair to mend what can be mended\n";
}

void show_as_json(const fsck_report& report, std::ostream& out) {
  out << "{\"clean\":" << (report.clean() ? "true" : "false")
      << ",\"rebuilt\":" << (report.rebuilt ? "true" : "false")
      << ",\"kept_at\":" << json::quote(report.kept_at) << ",\"rows\":{";
  const char* comma = "";
  for (auto& [kind, count] : report.rows) {
    out << comma << json::quote(std::string(1, kind)) << ':' << count;
    comma = ",";
  }
  out << "},\"problems\":[";
  comma = "";
  for (auto& problem : report.problems) {
    out << comma << "{\"kind\":" << json::quote(problem.kind)
        << ",\"row\":" << json::quote(problem.row)
        << ",\"what\":" << json::quote(problem.what)
        << ",\"repaired\":" << (problem.repaired ? "true" : "false") << '}';
    comma = ",";
  }
  out << "]}\n";
}

} // namespace

int check(const std::string& file, std::ostream& out) {
  auto settings = file.empty()
                    ? expected<config::node_config>{config::node_config{}}
                    : config::load(file);
  auto broken = settings ? config::validate(*settings) : settings.error();
  if (broken) {
    out << "provisiond: " << broken.message << '\n';
    return 2;
  }
  out << (file.empty() ? "the defaults" : file) << ": the configuration is "
      << "sound\n";
  return 0;
}

int import_folder(const config::node_config& settings,
                  const std::string& folder, std::ostream& out) {
  node_paths paths{settings};
  auto key = load_key_file(paths.identity);
  if (!key)
    return complain(key.error(), out);
  auto now = system_clock{}.now();
  auto store
    = open_leveldb_store(paths.store, key->node_id(), now,
                         {.journal_rows_max = settings.journal.rows_max,
                          .journal_age_max = settings.journal.age_max,
                          .signs = std::make_shared<ed25519_signer>(*key)});
  if (!store)
    return complain(store.error(), out);
  auto report = import_cache(folder, **store, now);
  if (!report)
    return complain(report.error(), out);
  for (auto& refused : report->refused)
    out << "refused  " << refused.file << ": " << refused.reason.message
        << '\n';
  out << report->imported << " imported, " << report->skipped
      << " known already, " << report->refused.size() << " refused\n";
  return report->refused.empty() ? 0 : 1;
}

int fsck(const config::node_config& settings, const std::string& folder,
         bool repair, bool as_json, std::ostream& out) {
  node_paths paths{settings};
  auto report = provision::fsck(folder.empty() ? paths.store : folder, repair,
                                system_clock{}.now());
  if (!report)
    return complain(report.error(), out);
  if (as_json)
    show_as_json(*report, out);
  else
    show_as_text(*report, out);
  return report->clean() ? 0 : 1;
}

} // namespace provision::commands
