#pragma once

// What would be billed twice when partials are merged. The program and the library's MergedPartials
// ask the same.

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "partials/input_blocks.h"
#include "partials/partial_file.h"

namespace billing {

/// Throws Error(run) where bytes of a log stand in several inputs. `overlaps` has been given all
/// inputs of the partials; where some are pieces, all are read once more. `checkpoint` is called
/// now and then. Also throws Error(run) where the pieces take more than `most_bytes` of memory.
void refuse_overlaps(InputOverlaps& overlaps, std::span<const PartialFile> partials,
                     std::size_t most_bytes, const std::function<void()>& checkpoint);

/// Sentences about what may be billed twice and cannot be told from what is not: partials that
/// describe themselves identically, which may be copies of each other or of logs that look alike;
/// and, beside others, usage whose keys were forgotten.
std::vector<std::string> describe_doubles(std::span<const PartialFile> partials);

}  // namespace billing
