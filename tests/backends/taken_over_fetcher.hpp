#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "backends/host/image_fetch.hpp"
#include "tests/backends/fetching_images.hpp"
#include "tests/backends/host_traces.hpp"
#include "tests/backends/process_host.hpp"

namespace provision::test {

/// A program in the place of skopeo: what it tells comes here through a pipe,
/// because it can write to no file that stays.
struct taken_over_fixture : fetching_fixture {
  taken_over_fixture() {
    // As far as it goes by the folders, everybody can come here...
    ::chmod(root.c_str(), 0755);
    std::filesystem::create_directory(root + "/own");
    std::filesystem::create_directory(root + "/treasure");
    std::ofstream{root + "/treasure/gold"} << "gold";
    ::chmod((root + "/treasure/gold").c_str(), 0644);
    // ... but not into the data folder.
    std::filesystem::create_directory(root + "/data");
    std::ofstream{root + "/data/identity.key"} << "secret";
    ::chmod((root + "/data/identity.key").c_str(), 0644);
    ::chmod((root + "/data").c_str(), 0700);
    BOOST_REQUIRE_EQUAL(::mkfifo(report_name().c_str(), 0622), 0);
    ::chmod(report_name().c_str(), 0622);
    report_
      = file_descriptor{::open(report_name().c_str(), O_RDWR | O_NONBLOCK)};
    write("honest");
    for (const auto& one :
         std::filesystem::recursive_directory_iterator{root + "/layout"})
      ::chmod(one.path().c_str(), 0755);
    ::chmod((root + "/layout").c_str(), 0755);
    auto index = shim::read_small(root + "/layout/index.json");
    index.replace(index.find("\"latest\""), 8, "\"fetched\"");
    std::ofstream{root + "/layout/index.json"} << index;
    manifest = index.substr(index.find("sha256:") + 7, 64);
  }

  ~taken_over_fixture() {
    BOOST_CHECK_EQUAL(shim::read_small(root + "/treasure/gold"), "gold");
    BOOST_CHECK_EQUAL(shim::read_small(root + "/data/identity.key"), "secret");
    BOOST_CHECK(!std::filesystem::exists(root + "/images/incoming"));
    BOOST_CHECK(processes_with(root).empty());
    BOOST_CHECK_EQUAL(host_traces{{root}}.beyond(before_), "");
  }

  /// What a fetch by this script yields. $to: the layout that it is to make;
  /// $root: the folder of this case; $layout: a good layout; $b: where its
  /// blobs are to be; $m: the digest of its manifest. What it tells goes to 3.
  expected<unpacked_image> fetch_by(const std::string& script) {
    const auto program = root + "/program";
    std::ofstream{program} << "#!/bin/sh\nexec 3>" << report_name()
                           << "\nfor word; do :; done\n"
                              "to=${word#oci:}; to=${to%:*}\n"
                           << "root=" << root
                           << "; layout=$root/layout; m=" << manifest
                           << "\nb=$to/blobs/sha256\n"
                           << script << '\n';
    ::chmod(program.c_str(), 0755);
    auto how = options("127.0.0.1:1");
    how.tools.skopeo = program;
    if (user.user != 0)
      how.tools.fetch_user = user;
    how.patience = patience;
    return images(how).get(named("127.0.0.1:1/box:1"));
  }

  std::string told() {
    std::string text(65536, '\0');
    const auto size = ::read(report_.number(), text.data(), text.size());
    text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return text;
  }

  /// Nothing but what is meant to stay is in the folder of images.
  bool holds_no_image() const {
    for (const auto& one :
         std::filesystem::directory_iterator{root + "/images"})
      if (one.path().filename() != "names")
        return false;
    return true;
  }

  std::string manifest;
  /// Another than the usual one.
  powerless_user user = {};
  std::chrono::milliseconds patience = 20s;

private:
  std::string report_name() const { return root + "/report"; }

  file_descriptor report_;
  const host_traces before_{{root}};
};

/// Lays the good layout.
inline const std::string honestly = "cp -r $layout $to\n";

} // namespace provision::test
