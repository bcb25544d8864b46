#pragma once

#include <string_view>
#include <vector>

namespace billing {

/// The parts of `a,b,c`, of which there is one at least; they may be empty.
std::vector<std::string_view> split_list(std::string_view text);

}  // namespace billing
