#include <memory>
#include <string>
#include <utility>

#include "explorer/explorer_client.hpp"
#include "messages/json/json.hpp"
#include "tests/fuzz/cutting.hpp"
#include "tests/fuzz/decoded_check.hpp"
#include "tests/fuzz/targets.hpp"

namespace provision::fuzz {

namespace {

/// Answers every request with the same bytes.
class canned_transport final : public http_transport {
public:
  explicit canned_transport(http_response answer)
    : answer_{std::move(answer)} {}

  void send(http_request,
            std::function<void(expected<http_response>)> done) override {
    done(answer_);
  }

private:
  http_response answer_;
};

http_response to_answer(std::string_view bytes) {
  http_response answer{.status = 200};
  answer.headers.emplace_back("x-last-id", cut_at(bytes, '\n'));
  answer.body = bytes;
  return answer;
}

/// Every document is a piece of the body, and they come in its order.
void check_places(const provision::poll_page& page, std::string_view body) {
  std::size_t from = 0;
  for (const auto& document : page.documents) {
    const auto at = body.find(document.text, from);
    require(at != std::string_view::npos, "a document is a piece of the body");
    from = at + document.text.size();
  }
}

/// A page of the documents that were found has the same documents.
void check_split_again(const provision::poll_page& page) {
  std::string joined = "[";
  for (const auto& document : page.documents)
    joined.append(joined.size() > 1 ? "," : "").append(document.text);
  auto again = json::split_page(joined + "]");
  require(again.has_value(), "documents of a page make a page");
  require(again->size() == page.documents.size(),
          "a page's documents are found again");
  for (std::size_t n = 0; n < again->size(); ++n)
    require_same("document of a page", page.documents[n].text,
                 (*again)[n].text);
}

} // namespace

void poll_page(std::string_view bytes) {
  const auto answer = to_answer(bytes);
  explorer_client client{std::make_shared<canned_transport>(answer),
                         "http://explorer", "node", nullptr, nullptr};
  int answers = 0;
  provision::poll_page page;
  client.poll("node", 0, [&](provision::poll_page got, error failure) {
    ++answers;
    require(!failure || got.documents.empty(), "a failed poll has no page");
    require(!failure || !failure.message.empty(), "a failed poll says why");
    page = std::move(got);
  });
  require(answers == 1, "a poll is answered once");
  check_places(page, answer.body);
  if (!page.documents.empty())
    check_split_again(page);
  for (const auto& document : page.documents)
    check_decoded(decode(document, "node"), document.text);
}

} // namespace provision::fuzz
