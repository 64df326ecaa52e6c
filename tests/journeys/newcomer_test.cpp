// What somebody meets who sees provisiond and provisionctl for the first time:
// every command, and how it answers.
#include <boost/test/unit_test.hpp>

#include <sstream>

#include <rapidjson/document.h>

#include "tests/journeys/household.hpp"

using namespace provision;
using namespace provision::journeys;
using namespace provision::test;

namespace newcomer_test {
namespace {

using words = std::vector<std::string>;

std::string joined(const words& all) {
  std::string text;
  for (const auto& word : all)
    text += (text.empty() ? "" : " ") + word;
  return text;
}

words with(words first, const words& more) {
  first.insert(first.end(), more.begin(), more.end());
  return first;
}

/// Names in the part "Subcommands:" of a help.
words names_in(const std::string& help) {
  words names;
  std::istringstream lines{help};
  bool is_inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (line == "Subcommands:")
      is_inside = true;
    else if (line.empty())
      is_inside = false;
    else if (is_inside && line.starts_with("  ") && line[2] != ' ')
      names.push_back(line.substr(2, line.find(' ', 2) - 2));
  }
  return names;
}

/// Whether each command below has a help with an example of itself; how many
/// there are.
std::size_t walk(const std::string& program, const std::string& name,
                 const words& command) {
  const auto help = run_program(program, with(command, {"--help"}));
  BOOST_CHECK_EQUAL(help.code, 0);
  BOOST_CHECK_EQUAL(help.err, "");
  auto example = "\n  " + name;
  if (!command.empty())
    example += ' ' + joined(command);
  const auto at = help.out.find("Example");
  BOOST_CHECK_MESSAGE(
    at != std::string::npos && help.out.find(example, at) != std::string::npos,
    "no example of " << name << ' ' << joined(command) << ": " << help.out);
  std::size_t count = 1;
  for (const auto& below : names_in(help.out))
    count += walk(program, name, with(command, {below}));
  return count;
}

bool is_json(const std::string& text) {
  rapidjson::Document document;
  return !document.Parse(text.c_str(), text.size()).HasParseError();
}

/// One value, or one a line.
bool is_json_or_lines(const std::string& text) {
  if (is_json(text))
    return true;
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);)
    if (!is_json(line))
      return false;
  return true;
}

struct question {
  int code = 0;
  words command = {};
};

/// A node with a volume that runs and one that was refused.
struct newcomer : household {
  void move_in() {
    start();
    give(volume("100-1") + too_large("101-1"), "101-1");
  }

  std::string wish() const { return node.write("wish", volume("102-1")); }
};

} // namespace
} // namespace newcomer_test

BOOST_FIXTURE_TEST_SUITE(newcomer_test, newcomer)

BOOST_AUTO_TEST_CASE(every_command_has_a_help_with_an_example_of_its_own) {
  BOOST_CHECK_GE(walk(PROVISIONCTL, "provisionctl", {}), 44U);
  BOOST_CHECK_GE(walk(PROVISIOND, "provisiond", {}), 11U);
}

BOOST_AUTO_TEST_CASE(every_answer_is_sound_json_if_that_is_wanted) {
  move_in();
  const std::vector<question> all{
    {0, {"status"}},
    {0, {"ready"}},
    {0, {"types"}},
    {0, {"waiting"}},
    {0, {"capacity"}},
    {0, {"capacity", "audit"}},
    {0, {"usage"}},
    {0, {"usage", "100-1"}},
    {0, {"outbox"}},
    {0, {"outbox", "--parked"}},
    {0, {"quarantine", "list"}},
    {3, {"quarantine", "show", "7"}},
    {3, {"quarantine", "retry", "7"}},
    {3, {"quarantine", "drop", "7"}},
    {0, {"orphans"}},
    {3, {"orphans", "remove", "volume:7-1", "--reason", "x"}},
    {0, {"list"}},
    {0, {"list", "--state", "removing"}},
    {0, {"show", "100-1", "--document"}},
    {3, {"show", "10"}},
    {0, {"explain", "101-1"}},
    {0, {"events"}},
    {0, {"journal"}},
    {0, {"journal", "list", "--last", "1"}},
    {0, {"journal", "export"}},
    {0, {"journal", "verify"}},
    {3, {"logs", "100-1"}},
    {0, {"plan", wish()}},
    {0, {"submit", wish()}},
    {0, {"wait", "102-1", "--for=provisioned", "--timeout", "20s"}},
    {7, {"wait", "102-1", "--for=failed", "--timeout", "1ms"}},
    {0, {"top", "--count", "1"}},
    {0, {"log", "level"}},
    {0, {"log", "level", "error"}},
    {0, {"cordon", "volume"}},
    {3, {"cordon", "yacht"}},
    {0, {"uncordon", "volume"}},
    {0, {"pause"}},
    {6, {"ready"}},
    {0, {"resume"}},
    {0, {"drain", "--timeout", "20s"}},
    {0, {"drain", "--cancel"}},
    {3, {"retry", "100-1"}},
    {0, {"confirm", "deletions"}},
    {0, {"confirm", "clock"}},
    {0, {"cancel", "102-1", "--reason", "x"}},
    {0, {"bundle", node.file("bundle.tar.gz")}},
  };
  for (const auto& [code, command] : all) {
    const auto answer = ends(code, with({"--json"}, command));
    BOOST_CHECK_MESSAGE(is_json_or_lines(answer.out),
                        joined(command) << " answered " << answer.out);
  }
  stop();
  const auto file = node.file("state");
  for (const auto& command :
       {words{"export", file},
        words{"journal", "verify", node.data_dir() + "/store"},
        words{"import", "--store", node.file("other"), file}})
    BOOST_CHECK(is_json(ends(0, with({"--json"}, command)).out));
}

BOOST_AUTO_TEST_CASE(a_failure_is_told_to_people_and_not_in_the_answer) {
  move_in();
  const std::vector<std::pair<question, std::string>> all{
    {{3, {"show", "7"}}, "provisionctl list"},
    {{3, {"cordon", "yacht"}}, "provisionctl types"},
    {{3, {"orphans", "remove", "volume:7-1", "--reason", "x"}},
     "provisionctl orphans"},
    {{1, {"list", "--state", "happy"}}, "none of accepted"},
    {{1, {"plan", "/nonexistent"}}, "No such file or directory"},
    {{1, {"submit", "/nonexistent"}}, "No such file or directory"},
    {{1, {"import", "--store", node.file("new"), "/nonexistent"}},
     "No such file or directory"},
    {{1, {"export", node.file("state")}}, "stop it"},
    {{2, {"nonsense"}}, "--help"},
    {{2, {"show"}}, "--help"},
  };
  for (const auto& [asked, remedy] : all) {
    const auto end = ends(asked.code, asked.command);
    BOOST_CHECK_EQUAL(end.out, "");
    says(end.err, remedy);
  }
  stop();
  says(ends(4, {"status"}).err, "is provisiond running");
}

BOOST_AUTO_TEST_CASE(a_node_that_has_done_nothing_has_a_sound_history) {
  start();
  says(ends(0, {"journal", "verify"}).out, "0 problems");
}

BOOST_AUTO_TEST_SUITE_END()
