#pragma once

#include <cstddef>

namespace billing {

/// A run may have millions of tasks, inputs and mistakes: a report lists so many of a kind, and
/// counts all.
inline constexpr std::size_t kMaxReported = 100;

}  // namespace billing
