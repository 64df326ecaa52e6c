#include "messages/received_text.hpp"

#include <utility>

namespace provision {

received_text own_text(std::string bytes, text_form form) {
  auto buffer = std::make_shared<const std::string>(std::move(bytes));
  std::string_view text{*buffer};
  return {std::move(buffer), text, form};
}

} // namespace provision
