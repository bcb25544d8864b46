#pragma once

// "Did you mean": the word that a mistyped one was probably meant to be.

#include <span>
#include <string>
#include <string_view>

namespace billing {

/// The one of `words` that takes the fewest slips of a finger (a letter too many, too few, wrong,
/// or two swapped; case does not count) to become `typed`; else the only one that holds all of
/// `typed`. Empty where none is near.
std::string_view closest_word(std::string_view typed, std::span<const std::string_view> words);

/// `; did you mean 'word'?` of the closest one, or nothing: the end of a message.
std::string did_you_mean(std::string_view typed, std::span<const std::string_view> words);

}  // namespace billing
