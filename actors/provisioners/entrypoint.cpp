#include "actors/provisioners/entrypoint.hpp"

namespace provision {

namespace {

/// Puts a line together, byte by byte.
class word_list {
public:
  void take(char byte) {
    word_ += byte;
    inside_ = true;
  }

  void quote(char kind) {
    quote_ = quote_ == 0 ? kind : '\0';
    inside_ = true;
  }

  void end_word() {
    if (inside_)
      words_.push_back(std::move(word_));
    word_.clear();
    inside_ = false;
  }

  /// The quote that is open; 0 if none is.
  char open_quote() const { return quote_; }

  std::vector<std::string> finish() && {
    end_word();
    return std::move(words_);
  }

private:
  std::vector<std::string> words_;
  std::string word_;
  bool inside_ = false;
  char quote_ = 0;
};

bool is_blank(char byte) {
  return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

bool is_quote(char byte, char open) {
  return open == 0 ? byte == '\'' || byte == '"' : byte == open;
}

} // namespace

expected<std::vector<std::string>> split_entrypoint(std::string_view line) {
  word_list words;
  for (std::size_t at = 0; at < line.size(); ++at) {
    const char byte = line[at];
    const char open = words.open_quote();
    if (byte == '\\' && open != '\'' && at + 1 < line.size())
      words.take(line[++at]);
    else if (is_quote(byte, open))
      words.quote(byte);
    else if (open == 0 && is_blank(byte))
      words.end_word();
    else
      words.take(byte);
  }
  if (words.open_quote() != 0)
    return fail(errc::invalid_reservation, "entrypoint: a quote has no end");
  return std::move(words).finish();
}

} // namespace provision
