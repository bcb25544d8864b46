#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace billing {

/// Throws Error(configuration): `what` (such as `the header`) has no field of this name, but these.
[[noreturn]] void fail_unknown_field(std::string_view name, std::string_view what,
                                     const std::vector<std::string>& names);

}  // namespace billing
