#pragma once

#include <cstdint>

namespace billing {

/// What this process may use at most: the machine's memory, or less where its control group (a
/// container, a service) allows less.
std::uint64_t machine_memory_bytes();

}  // namespace billing
