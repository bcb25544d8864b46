#include "wrappers/wrapped_records.h"

#include <algorithm>

namespace billing {

void WrappedRecords::pass(std::string_view line) {
  unwrapper_.add(line, text_);
  if (has_quotes_) is_inside_ ^= std::count(text_.text.begin(), text_.text.end(), '"') % 2 != 0;
  text_.text.clear();
  text_.places.clear();
  text_.rejects.clear();
}

std::size_t last_wrapped_end(WrappedRecords records, std::string_view bytes) {
  std::size_t last = 0;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t newline = bytes.find('\n', at);
    if (newline == std::string_view::npos) break;
    records.pass(bytes.substr(at, newline + 1 - at));
    at = newline + 1;
    if (records.is_between()) last = at;
  }
  return last;
}

}  // namespace billing
