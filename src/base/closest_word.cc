#include "base/closest_word.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "base/escape_text.h"
#include "base/lower_case.h"

namespace billing {
namespace {

/// Words from outside may be of any length; nobody types these.
constexpr std::size_t kLongestWord = 64;

/// The Damerau-Levenshtein distance (optimal string alignment), by three rows of its table.
std::size_t count_slips(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  std::vector<std::size_t> above = row;
  std::vector<std::size_t> above_that = row;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    above_that.swap(above);
    above.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], above_that[j - 2] + 1);
    }
  }
  return row[b.size()];
}

}  // namespace

std::string_view closest_word(std::string_view typed, std::span<const std::string_view> words) {
  constexpr std::size_t kLettersForASlip = 3;
  constexpr std::size_t kMaxSlips = 3;
  if (typed.empty() || typed.size() > kLongestWord) return {};
  const std::string wanted = lower_case(typed);
  std::size_t fewest_slips =
      std::min(kMaxSlips, (typed.size() + kLettersForASlip - 1) / kLettersForASlip) + 1;
  std::string_view closest;
  std::string_view holds_it;
  std::size_t holding = 0;
  for (const std::string_view word : words) {
    if (word.size() > kLongestWord) continue;
    const std::string candidate = lower_case(word);
    const std::size_t slips = count_slips(wanted, candidate);
    if (slips < fewest_slips && slips < word.size()) {
      fewest_slips = slips;
      closest = word;
    }
    if (candidate.find(wanted) == std::string::npos) continue;
    holds_it = word;
    ++holding;
  }
  if (!closest.empty()) return closest;
  return holding == 1 && typed.size() >= kLettersForASlip ? holds_it : std::string_view();
}

std::string did_you_mean(std::string_view typed, std::span<const std::string_view> words) {
  const std::string_view word = closest_word(typed, words);
  return word.empty() ? "" : "; did you mean " + quoted_text(word) + "?";
}

}  // namespace billing
