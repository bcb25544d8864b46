#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace billing {

/// Whether a field that says so says nothing: see RecordFormat::missing_words.
inline bool is_missing_word(const std::vector<std::string>& words, std::string_view text) {
  return std::any_of(words.begin(), words.end(),
                     [text](const std::string& word) { return word == text; });
}

}  // namespace billing
