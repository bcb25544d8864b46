#pragma once

#include <string_view>
#include <vector>

namespace billing {

/// The parts of `a,b,c`, of which there is one at least; they may be empty.
std::vector<std::string_view> split_list(std::string_view text);

/// Without the blanks at its ends.
std::string_view trimmed(std::string_view text, std::string_view blanks = " ");

}  // namespace billing
