#include "logging/log.hpp"

#include <cstdio>
#include <mutex>
#include <regex>
#include <set>
#include <thread>
#include <vector>

#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "logging/tee.hpp"

using namespace provision;

BOOST_AUTO_TEST_SUITE(log_test)

namespace {

/// Gathers what goes to standard error while it lives.
class captured_stderr {
public:
  captured_stderr() : file_{std::tmpfile()}, saved_{dup(STDERR_FILENO)} {
    BOOST_REQUIRE(file_ != nullptr && saved_ >= 0);
    std::fflush(stderr);
    dup2(fileno(file_), STDERR_FILENO);
  }
  ~captured_stderr() {
    std::fflush(stderr);
    dup2(saved_, STDERR_FILENO);
    close(saved_);
    std::fclose(file_);
    log::configure(log::level::info, log::format::text);
  }
  captured_stderr(const captured_stderr&) = delete;
  captured_stderr& operator=(const captured_stderr&) = delete;

  std::vector<std::string> lines() {
    std::fflush(stderr);
    std::rewind(file_);
    std::vector<std::string> all(1);
    for (int c = std::fgetc(file_); c != EOF; c = std::fgetc(file_)) {
      if (c == '\n')
        all.emplace_back();
      else
        all.back().append(1, static_cast<char>(c));
    }
    // What stands behind the last line break is no line.
    all.pop_back();
    return all;
  }

private:
  std::FILE* file_;
  int saved_;
};

} // namespace

BOOST_AUTO_TEST_CASE(writes_text_lines_with_utc_time) {
  captured_stderr stream;
  log::info("volume made", "100-1", {{"path", "/pool/100-1"}});
  const auto lines = stream.lines();
  BOOST_REQUIRE_EQUAL(lines.size(), 1U);
  const std::regex shape{R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z )"
                         R"(info  volume made reservation=100-1 )"
                         R"(path=/pool/100-1)"};
  BOOST_CHECK_MESSAGE(std::regex_match(lines[0], shape), lines[0]);
}

BOOST_AUTO_TEST_CASE(writes_one_json_object_per_line) {
  captured_stderr stream;
  log::configure(log::level::info, log::format::json);
  log::error("odd {} %v\n", {}, {{"reason", "say \"x\""}});
  const auto lines = stream.lines();
  BOOST_REQUIRE_EQUAL(lines.size(), 1U);
  const std::regex shape{
    R"re(\{"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",)re"
    R"re("level":"error","message":"odd \{\} %v\\n",)re"
    R"re("reason":"say \\"x\\""\})re"};
  BOOST_CHECK_MESSAGE(std::regex_match(lines[0], shape), lines[0]);
}

BOOST_AUTO_TEST_CASE(writes_only_lines_of_the_level_and_above) {
  captured_stderr stream;
  log::debug("hidden");
  log::configure(log::level::warning, log::format::text);
  log::info("hidden");
  log::warn("shown");
  log::error("shown");
  log::configure(log::level::off, log::format::text);
  log::error("hidden");
  log::write(log::level::off, "hidden");
  log::configure(log::level::debug, log::format::text);
  log::debug("shown");
  const auto lines = stream.lines();
  BOOST_CHECK_EQUAL(lines.size(), 3U);
  for (const auto& line : lines)
    BOOST_CHECK_MESSAGE(line.ends_with(" shown"), line);
}

BOOST_AUTO_TEST_CASE(keeps_lines_of_different_threads_whole) {
  constexpr int threads = 8;
  constexpr int lines_each = 200;
  captured_stderr stream;
  {
    std::vector<std::jthread> writers;
    for (int t = 0; t < threads; ++t)
      writers.emplace_back([t] {
        for (int i = 0; i < lines_each; ++i) {
          if (i == lines_each / 2)
            log::configure(log::level::info,
                           t % 2 == 0 ? log::format::json : log::format::text);
          log::info("line", std::to_string(t) + "-" + std::to_string(i));
        }
      });
  }
  const std::regex shape{
    R"re(\S+Z info  line reservation=(\d+-\d+)|)re"
    R"re(\{"time":"\S+Z","level":"info","message":"line",)re"
    R"re("reservation":"(\d+-\d+)"\})re"};
  std::set<std::string> seen;
  for (const auto& line : stream.lines()) {
    std::smatch match;
    BOOST_REQUIRE_MESSAGE(std::regex_match(line, match, shape), line);
    seen.insert(match[1].matched ? match[1] : match[2]);
  }
  BOOST_CHECK_EQUAL(seen.size(), std::size_t{threads} * lines_each);
}

BOOST_AUTO_TEST_CASE(a_tee_hears_what_is_written_until_it_is_taken_back) {
  captured_stderr stream;
  std::vector<std::string> heard;
  log::tee([&](std::string_view line) { heard.emplace_back(line); });
  log::info("first", "7-1", {{"key", "value"}});
  log::debug("below what is written");
  log::configure(log::level::info, log::format::json);
  log::warn("second");
  log::tee({});
  log::info("third");
  const auto written = stream.lines();
  BOOST_REQUIRE_EQUAL(written.size(), 3);
  BOOST_REQUIRE_EQUAL(heard.size(), 2);
  // Word for word, the time apart.
  BOOST_CHECK_EQUAL(heard[0].substr(heard[0].find('Z')),
                    written[0].substr(written[0].find('Z')));
  BOOST_CHECK(heard[1].ends_with(R"("message":"second"})"));
}

BOOST_AUTO_TEST_CASE(a_tee_hears_every_line_of_many_threads_whole) {
  captured_stderr stream;
  std::mutex mutex;
  std::multiset<std::string> heard;
  log::tee([&](std::string_view line) {
    const std::lock_guard lock{mutex};
    heard.emplace(line.substr(line.find(' ') + 1));
  });
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 4; ++writer)
    writers.emplace_back([writer] {
      for (int i = 0; i < 250; ++i)
        log::info("writer " + std::to_string(writer));
    });
  for (auto& one : writers)
    one.join();
  log::tee({});
  for (int writer = 0; writer < 4; ++writer)
    BOOST_CHECK_EQUAL(heard.count("info  writer " + std::to_string(writer)),
                      250);
}

BOOST_AUTO_TEST_SUITE_END()
