#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "actors/heap.hpp"
#include "bench/replay/compare.hpp"
#include "bench/replay/measurement.hpp"
#include "bench/replay/options.hpp"
#include "bench/replay/plot.hpp"
#include "bench/replay/report.hpp"
#include "logging/log.hpp"

using namespace provision;
using namespace provision::bench;

namespace {

constexpr int wrong_usage = 2;

/// A fresh folder, removed at the end.
class scratch {
public:
  explicit scratch(const std::string& below)
    : path_{below + "/provision-replay-XXXXXX"} {
    if (!::mkdtemp(path_.data()))
      path_.clear();
  }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;
  ~scratch() {
    std::error_code ignored;
    if (!path_.empty())
      std::filesystem::remove_all(path_, ignored);
  }

  const std::string& path() const { return path_; }

private:
  std::string path_;
};

int complain(const error& why) {
  std::cerr << "provision-replay: " << why.message << '\n';
  return why.code == errc::invalid_configuration ? wrong_usage : 1;
}

error write_file(const std::string& path, const std::string& text) {
  if (path.empty())
    return {};
  std::ofstream file{path};
  file << text;
  file.close();
  if (!file)
    return {errc::storage_failure, path + ": cannot be written"};
  return {};
}

int compare_recording(const replay_options& told, const std::string& folder) {
  auto found = compare(told.compare, folder);
  if (!found)
    return complain(found.error());
  print(std::cout, *found);
  return found->differences.empty() ? 0 : 1;
}

int take_measurements(const replay_options& told, const std::string& folder) {
  auto measured = measure(told, folder);
  if (!measured)
    return complain(measured.error());
  report all{told, describe_machine(told.folder), std::move(*measured)};
  print(std::cout, all);
  if (auto failure = write_file(told.json_file, to_json(all).dump(2) + '\n'))
    return complain(failure);
  if (auto failure = write_file(told.plot_file, plot(all)))
    return complain(failure);
  auto reached = best_ratio(all);
  if (reached >= told.ratio_min)
    return 0;
  std::cerr << "provision-replay: the best run reaches " << reached
            << (told.hang.empty() ? " of the limit" : " of the undisturbed one")
            << ", less than " << told.ratio_min << '\n';
  return 1;
}

} // namespace

int main(int argc, char** argv) {
  set_up_heap();
  int code = 0;
  auto told = read_command_line(argc, argv, code);
  if (!told)
    return code;
  log::configure(log::level::off, log::format::text);
  scratch folder{told->folder};
  if (folder.path().empty())
    return complain({errc::invalid_configuration,
                     told->folder + ": no folder can be made there"});
  return told->compare.empty() ? take_measurements(*told, folder.path())
                               : compare_recording(*told, folder.path());
}
