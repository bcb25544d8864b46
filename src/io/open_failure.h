#pragma once

#include <string>

namespace billing {

/// Whether opening failed because of how many files are open: every further one would fail alike.
bool is_out_of_descriptors(int system_error);

/// Why a file cannot be opened for reading, and what to do. `what` it is, for the advice: `input`.
std::string describe_open_failure(int system_error, const std::string& what);

}  // namespace billing
