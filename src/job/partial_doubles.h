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

/// Sentences about partials that describe themselves identically: they may be copies of each other,
/// or of logs that look alike.
std::vector<std::string> describe_copies(std::span<const PartialFile> partials);

/// A sentence where one of several partials that keep records with keys also holds usage whose keys
/// were forgotten: nobody can tell whether others hold the same calls. Else empty.
std::string describe_forgotten_keys(std::span<const PartialFile> partials);

}  // namespace billing
