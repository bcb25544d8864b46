#include "options/mistakes.h"

#include <algorithm>

#include "base/count_text.h"

namespace billing {

void Mistakes::add_all(std::vector<std::string> mistakes) {
  const std::size_t shown = std::min(mistakes.size(), kMaxListed);
  for (std::size_t i = 0; i < shown; ++i) add(std::move(mistakes[i]));
  if (mistakes.size() > shown) add("and " + counted(mistakes.size() - shown, "more mistake"));
}

void Mistakes::report() const {
  if (mistakes_.empty()) return;
  std::string message;
  for (const std::string& mistake : mistakes_) {
    if (!message.empty()) message += '\n';
    message += mistake;
  }
  throw Error(ErrorKind::configuration, message);
}

}  // namespace billing
