#pragma once

#include <functional>
#include <string>
#include <vector>

namespace billing {

/// The paths that a file lists, or standard input where it is `-`: each ends in LF, or in NUL where
/// `null_separated`; the last may lack it. Empty ones are passed over. `checkpoint` is called
/// before each read and every tenth of a second that it waits.
///
/// Throws Error(run) where the list cannot be read, and Error(configuration) where paths that end
/// in LF hold a NUL.
std::vector<std::string> read_path_list(const std::string& file, bool null_separated,
                                        const std::function<void()>& checkpoint);

}  // namespace billing
