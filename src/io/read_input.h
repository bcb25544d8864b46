#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "io/input.h"

namespace billing {

/// Reads once from an input that is not mapped; `at_start` as often as it takes to know what the
/// input is: up to kFirstBytes, or its first line. Returns the number of bytes, 0 at its end.
/// `checkpoint` is called before and, where the input keeps one waiting, every tenth of a second;
/// what it throws passes through. Throws Error(run) where the input cannot be read, or is no text.
std::size_t read_input(const Input& input, std::span<char> room, bool at_start,
                       const std::function<void()>& checkpoint);

}  // namespace billing
