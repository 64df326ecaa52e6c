#include "control/dashboard/page_answer.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <iterator>
#include <regex>

#include "control/dashboard/page_files.hpp"
#include "tests/support/says.hpp"

using namespace provision;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(page_answer_test)

namespace {

using headers = std::vector<std::pair<std::string, std::string>>;

std::optional<http_server_response>
answer_to(std::string target, headers given = {}, std::string method = "GET") {
  return page_answer({.method = std::move(method),
                      .target = std::move(target),
                      .headers = std::move(given)});
}

std::string header_of(const http_server_response& response,
                      std::string_view name) {
  for (auto& [key, value] : response.headers)
    if (key == name)
      return value;
  return {};
}

std::string source_of(const std::string& name) {
  std::ifstream file{"control/dashboard/page/" + name};
  return {std::istreambuf_iterator<char>{file}, {}};
}

} // namespace

BOOST_AUTO_TEST_CASE(leads_to_the_page_and_leaves_other_paths_alone) {
  for (auto* path : {"/", "/dashboard", "/?x=1"}) {
    auto answered = answer_to(path);
    BOOST_REQUIRE_MESSAGE(answered, path);
    BOOST_CHECK_EQUAL(answered->status, 302);
    BOOST_CHECK_EQUAL(header_of(*answered, "Location"), "/dashboard/");
  }
  for (auto* path : {"/v1/status", "/metrics", "/dashboards/", "", "*"})
    BOOST_CHECK_MESSAGE(!answer_to(path), path);
}

BOOST_AUTO_TEST_CASE(every_file_has_a_type_and_a_tag) {
  auto page = answer_to("/dashboard/");
  BOOST_REQUIRE(page);
  BOOST_CHECK_EQUAL(page->status, 200);
  BOOST_CHECK_EQUAL(header_of(*page, "Content-Type"),
                    "text/html; charset=utf-8");
  BOOST_CHECK_EQUAL(header_of(*page, "Content-Encoding"), "gzip");
  BOOST_CHECK_EQUAL(page->body.substr(0, 2), "\x1f\x8b");
  BOOST_CHECK_GE(page_files().size(), 15U);
  for (auto& file : page_files()) {
    auto answered = answer_to("/dashboard/" + std::string{file.name});
    BOOST_REQUIRE_MESSAGE(answered && answered->status == 200, file.name);
    BOOST_CHECK_MESSAGE(
      header_of(*answered, "Content-Type").starts_with("text/plain")
        == file.name.ends_with(".txt"),
      file.name);
    BOOST_CHECK_MESSAGE(answered->body == file.gzip, file.name);
  }
}

BOOST_AUTO_TEST_CASE(what_a_browser_has_already_is_not_sent_again) {
  auto first = answer_to("/dashboard/main.js");
  auto tag = header_of(*first, "ETag");
  BOOST_CHECK_GE(tag.size(), 10U);
  auto again = answer_to("/dashboard/main.js", {{"if-none-match", tag}});
  BOOST_CHECK_EQUAL(again->status, 304);
  BOOST_CHECK_EQUAL(again->body, "");
  BOOST_CHECK_EQUAL(
    answer_to("/dashboard/main.js", {{"if-none-match", "\"old\""}})->status,
    200);
}

BOOST_AUTO_TEST_CASE(refuses_what_is_not_there_and_what_is_no_question) {
  for (auto* path : {"/dashboard/nothing.js", "/dashboard/../metrics",
                     "/dashboard/%2e%2e/", "/dashboard//"})
    BOOST_CHECK_EQUAL(answer_to(path)->status, 404);
  BOOST_CHECK_EQUAL(answer_to("/dashboard/", {}, "POST")->status, 405);
  BOOST_CHECK_EQUAL(
    answer_to("/dashboard/", {{"accept-encoding", "identity"}})->status, 406);
  BOOST_CHECK_EQUAL(
    answer_to("/dashboard/", {{"accept-encoding", "br, gzip"}})->status, 200);
}

BOOST_AUTO_TEST_CASE(the_page_may_load_from_here_only_and_runs_no_inline_code) {
  http_server_response response;
  confine(response);
  auto policy = header_of(response, "Content-Security-Policy");
  says(policy, "default-src 'none'");
  says(policy, "script-src 'self'");
  says(policy, "frame-ancestors 'none'");
  BOOST_CHECK(policy.find("unsafe") == std::string::npos);
  BOOST_CHECK_EQUAL(header_of(response, "X-Content-Type-Options"), "nosniff");
}

BOOST_AUTO_TEST_CASE(no_source_of_the_page_reads_text_as_html_or_code) {
  const std::regex dangerous{
    R"(innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|)"
    R"(new Function|DOMParser|setHTML|srcdoc|createContextualFragment)"};
  const std::regex inline_code{R"((\son\w+=|\sstyle=|<style|javascript:))"};
  std::size_t seen = 0;
  for (auto& file : page_files()) {
    if (file.name == "chart.min.js")
      continue;
    auto text = source_of(std::string{file.name});
    BOOST_CHECK_MESSAGE(!text.empty(), file.name);
    ++seen;
    BOOST_CHECK_MESSAGE(!std::regex_search(text, dangerous), file.name);
    if (file.name.ends_with(".html"))
      BOOST_CHECK_MESSAGE(!std::regex_search(text, inline_code), file.name);
    // Nothing is loaded from elsewhere; names of namespaces are no addresses.
    auto rest = std::regex_replace(
      text, std::regex{"http://www\\.w3\\.org/2000/svg"}, "");
    BOOST_CHECK_MESSAGE(rest.find("http://") == std::string::npos
                          && rest.find("https://") == std::string::npos,
                        file.name);
  }
  BOOST_CHECK_GE(seen, 15U);
}

BOOST_AUTO_TEST_CASE(the_licence_of_what_is_inside_goes_with_it) {
  auto licence = source_of("licences.txt");
  says(licence, "Copyright (c) 2014-2022 Chart.js Contributors");
  says(licence, "The above copyright notice and this permission notice shall");
  BOOST_CHECK_EQUAL(answer_to("/dashboard/licences.txt")->status, 200);
  says(source_of("index.html"), "href=\"licences.txt\"");
}

BOOST_AUTO_TEST_SUITE_END()
