#pragma once

#include <cstdint>
#include <string>

namespace billing {

/// Throws Error(run) that says that an input holds more text than it may.
[[noreturn]] void fail_as_too_large(const std::string& name, std::uint64_t max_bytes);

}  // namespace billing
