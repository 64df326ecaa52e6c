#include "tests/backends/zdb_double/namespaces.hpp"

#include <filesystem>
#include <fstream>
#include <iomanip>

namespace provision::test {

namespace fs = std::filesystem;

namespace {

constexpr auto file_name = "/zdb-namespace";

double_namespace read(const std::string& path) {
  double_namespace found;
  std::ifstream file{path};
  for (std::string word; file >> word;) {
    if (word == "size_max")
      file >> found.size_max;
    else if (word == "password")
      file >> std::quoted(found.password);
    else if (word == "private")
      found.is_public = false;
    else if (std::string key; word == "pair" && file >> std::quoted(key))
      file >> std::quoted(found.pairs[key]);
  }
  return found;
}

void write(const std::string& path, const double_namespace& what) {
  std::ofstream file{path};
  file << "size_max " << what.size_max << '\n';
  if (!what.password.empty())
    file << "password " << std::quoted(what.password) << '\n';
  if (!what.is_public)
    file << "private\n";
  for (const auto& [key, value] : what.pairs)
    file << "pair " << std::quoted(key) << ' ' << std::quoted(value) << '\n';
}

} // namespace

double_namespaces::double_namespaces(std::string data, std::string index)
  : data_{std::move(data)}, index_{std::move(index)} {
  for (const auto& one : fs::directory_iterator{index_})
    all[one.path().filename()] = read(one.path().string() + file_name);
  if (all.emplace("default", double_namespace{}).second)
    save("default");
}

void double_namespaces::save(const std::string& name) const {
  const auto found = all.find(name);
  if (found == all.end()) {
    fs::remove_all(data_ + '/' + name);
    fs::remove_all(index_ + '/' + name);
    return;
  }
  fs::create_directories(data_ + '/' + name);
  fs::create_directories(index_ + '/' + name);
  write(index_ + '/' + name + file_name, found->second);
}

} // namespace provision::test
