#include "manual/manual_page.hpp"

#include <CLI/CLI.hpp>

#include <sstream>

#include <boost/test/unit_test.hpp>

using namespace provision;

namespace manual_page_test {
namespace {

struct fixture {
  fixture() {
    program.footer("\nExamples:\n  bake bread\n\nAsh is kept.\n\nExit codes: 0 "
                   "done.\n");
    program.add_option("--heat", heat, "degrees");
    program.add_option("--secret", heat, "not for people")->group("");
    auto* bread = program.add_subcommand("bread", "a loaf");
    bread->add_option("grain", grain, "rye or wheat")->required();
    bread->add_flag("--slow", slow, "over night");
    auto* roll = bread->add_subcommand("roll", "small ones");
    auto* one_of = roll->add_option_group("one of");
    one_of->add_option("number", heat, "how many");
    one_of->add_flag("--all", slow, "the whole dough");
    program.add_subcommand("hidden", "not for people")->group("");
  }

  bool says(const std::string& text) {
    const auto page = manual_page(program, facts);
    const bool found = page.find(text) != std::string::npos;
    if (!found)
      BOOST_TEST_MESSAGE("not '" << text << "' in:\n" << page);
    return found;
  }

  int heat = 0;
  std::string grain = {};
  bool slow = false;
  CLI::App program{"Bakes."};
  manual_facts facts = {.title = {.name = "bake",
                                  .section = 8,
                                  .origin = "bake 1.0",
                                  .summary = "make bread"},
                        .files = {{"/oven", "where it is hot"}},
                        .see_also = {"eat(1)"}};
};

} // namespace
} // namespace manual_page_test

BOOST_FIXTURE_TEST_SUITE(manual_page_test, fixture)

BOOST_AUTO_TEST_CASE(opens_with_what_apropos_lists) {
  BOOST_CHECK(manual_page(program, facts)
                .starts_with(".TH BAKE 8 \"\" \"bake 1.0\"\n.SH \"NAME\"\n"
                             "bake \\- make bread\n"));
}

BOOST_AUTO_TEST_CASE(has_every_option_with_its_value) {
  BOOST_CHECK(says(".B \\-\\-heat INT\ndegrees\n"));
}

BOOST_AUTO_TEST_CASE(has_every_command_with_its_arguments_and_options) {
  BOOST_CHECK(says(".SS \"bread grain\"\na loaf\n"));
  BOOST_CHECK(says(".B grain\nrye or wheat\n"));
  BOOST_CHECK(says(".B \\-\\-slow\nover night\n"));
}

BOOST_AUTO_TEST_CASE(has_commands_below_commands_and_groups_of_options) {
  BOOST_CHECK(says(".SS \"bread roll [number]\"\n"));
  BOOST_CHECK(says(".B \\-\\-all\nthe whole dough\n"));
}

BOOST_AUTO_TEST_CASE(leaves_out_what_help_does_not_show) {
  BOOST_CHECK(manual_page(program, facts).find("not for people")
              == std::string::npos);
}

BOOST_AUTO_TEST_CASE(gives_the_parts_of_the_footer_their_sections) {
  BOOST_CHECK(says(".SH \"EXAMPLES\"\n.EX\n  bake bread\n.EE\n"));
  BOOST_CHECK(says(".SH \"NOTES\"\n.EX\nAsh is kept.\n.EE\n"));
  BOOST_CHECK(says(".SH \"EXIT STATUS\"\n.EX\n0 done.\n.EE\n"));
}

BOOST_AUTO_TEST_CASE(does_not_repeat_the_footer_below_every_command) {
  const auto page = manual_page(program, facts);
  BOOST_CHECK_EQUAL(page.find("Ash is kept"), page.rfind("Ash is kept"));
}

BOOST_AUTO_TEST_CASE(names_files_and_other_pages) {
  BOOST_CHECK(says(".B /oven\nwhere it is hot\n"));
  BOOST_CHECK(says(".SH \"SEE ALSO\"\neat(1)\n"));
}

BOOST_AUTO_TEST_CASE(is_printed_by_an_option_that_help_does_not_show) {
  add_manual(program, facts);
  std::ostringstream out;
  try {
    program.parse(std::vector<std::string>{"--man"});
    BOOST_ERROR("nothing was printed");
  } catch (const CLI::ParseError& e) {
    BOOST_CHECK_EQUAL(program.exit(e, out, out), 0);
  }
  BOOST_CHECK_EQUAL(out.str(), manual_page(program, facts));
  BOOST_CHECK(program.help().find("--man") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
