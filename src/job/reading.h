#pragma once

// What a run reads.

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "billing/aggregate.h"
#include "io/input.h"
#include "job/reject_ledger.h"

namespace billing {

/// A line at an input's end that may yet grow.
struct LastLine {
  std::string_view text;
  std::uint64_t offset_bytes;  ///< where it begins in its input
};

struct Reading {
  std::vector<Input> inputs;         ///< none where a source of the host is read
  std::vector<LedgerInput> ledger;   ///< what is read: the inputs, or those of the source
  std::vector<LastLine> last_lines;  ///< to be metered by themselves; see RunState
};

/// All of each.
inline Reading read_all(const AggregateJob& job, std::vector<Input> inputs) {
  Reading reading;
  for (const Input& input : inputs) reading.ledger.push_back({input.name(), 0});
  for (std::size_t i = 0; job.source && i < job.source->input_count(); ++i)
    reading.ledger.push_back({job.source->input_name(i), 0});
  reading.inputs = std::move(inputs);
  return reading;
}

}  // namespace billing
