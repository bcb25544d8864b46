#pragma once

// Partials as files: usage with what it was made of, to be merged and billed later.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "billing/cycle_policy.h"
#include "partials/partial_header.h"
#include "partials/usage_file_writer.h"
#include "partials/usage_runs.h"

namespace billing {

struct PartialFile {
  std::uint64_t size_bytes = 0;
  PartialHeader header;
  GroupBy group_by;
  CycleSettings cycles;
  UsageRun rows;  ///< its bounds are those that the header allows
};

/// Makes the policy that a partial's options name, as make_cycle_policy() does: which cycles there
/// are is none of the file's business, but which of them its rows may have is.
using CyclePolicyMaker = std::unique_ptr<const CyclePolicy>(const CycleSettings& settings);

/// Opens a partial and reads its header; rows are checked as they are read. Throws Error(run) that
/// names the file and the place where it is damaged, cut off, of a newer version, or none.
PartialFile open_partial(const std::string& path, CyclePolicyMaker& make_policy);

/// Writes what comes before the first block.
void begin_partial(UsageFileWriter& writer, const std::function<void(std::string_view)>& append,
                   const PartialHeader& header);

}  // namespace billing
