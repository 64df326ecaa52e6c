// The whole state of a stopped node, in a file and back.
#include <filesystem>
#include <fstream>
#include <ostream>

#include "ctl/command_line.hpp"
#include "ctl/commands.hpp"
#include "messages/json/json.hpp"
#include "persistence/store_archive.hpp"

namespace provision::ctl {

namespace {

int tell(const surroundings& here, const char* what, const std::string& file,
         const archived_store& made) {
  if (here.to.as_json)
    here.to.out << "{\"node_id\":" << json::quote(made.node_id)
                << ",\"rows\":" << made.rows
                << ",\"file\":" << json::quote(file) << "}\n";
  else
    here.to.out << made.rows << " rows of node " << made.node_id << ' ' << what
                << '\n';
  return all_well;
}

} // namespace

int export_state(const surroundings& here, const std::string& store,
                 const std::string& file) {
  std::error_code ignored;
  if (std::filesystem::exists(file, ignored))
    return complain(here,
                    error{errc::already_exists, file + ": is there already"});
  std::ofstream out{file, std::ios::binary};
  // It says what runs here and for whom.
  std::filesystem::permissions(file,
                               std::filesystem::perms::owner_read
                                 | std::filesystem::perms::owner_write,
                               ignored);
  auto made = write_archive(store, out);
  if (!made) {
    std::filesystem::remove(file, ignored);
    return complain(here, made.error());
  }
  return tell(here, "exported", file, *made);
}

int import_state(const surroundings& here, const std::string& store,
                 const std::string& file) {
  std::ifstream in{file, std::ios::binary};
  if (!in)
    return complain(here, cannot_read(file));
  auto made = read_archive(in, store);
  return made ? tell(here, "imported and checked", file, *made)
              : complain(here, made.error());
}

} // namespace provision::ctl
