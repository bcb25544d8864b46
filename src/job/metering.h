#pragma once

// The passes that turn inputs into usage (mediate, meter, merge, close), or with the sequential
// baseline into sums at once.

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "billing/aggregate.h"
#include "billing/meter.h"
#include "billing/sums.h"
#include "io/input.h"
#include "job/dedupe_stage.h"
#include "job/deduped_usage.h"
#include "job/event_totals.h"
#include "job/input_formats.h"
#include "job/job_context.h"
#include "job/metered_usage.h"
#include "job/reject_ledger.h"

namespace billing {

/// A line at an input's end that may yet grow.
struct LastLine {
  std::string_view text;
  std::uint64_t offset_bytes;  ///< where it begins in its input
  bool may_be_header;          ///< nothing but blanks stands before it
};

struct Reading {
  std::vector<Input> inputs;          ///< none where a source of the host is read
  std::vector<LedgerInput> ledger;    ///< what is read: the inputs, or those of the source
  InputFormats formats;               ///< by input
  std::vector<LastLine> last_lines;   ///< metered apart from the inputs; see RunState
  InputFormats last_line_formats;     ///< by line
  std::size_t log_count = 0;          ///< that a state has
  const KeptRecords* kept = nullptr;  ///< their records, of a state that deduplicates and has some

  explicit Reading(const InputFormats& all) : formats(all), last_line_formats(all) {}
};

/// Reads all of each input.
inline Reading read_all(const AggregateJob& job, std::vector<Input> inputs,
                        const InputFormats& formats) {
  Reading reading(formats);
  for (const Input& input : inputs) reading.ledger.push_back({input.name(), 0});
  for (std::size_t i = 0; job.source && i < job.source->input_count(); ++i)
    reading.ledger.push_back({job.source->input_name(i), 0});
  reading.inputs = std::move(inputs);
  return reading;
}

struct MeteringResult {
  std::vector<InputTotals> totals;         ///< by input
  std::vector<std::uint64_t> input_bytes;  ///< by input: what there was to be read, decompressed
  std::vector<std::uint64_t> compressed_bytes;  ///< by input; empty where none can be compressed
  std::vector<std::uint64_t> filtered_by;       ///< by expression of `--where`
  MeasureCounts measures;
  MeteredUsage usage;
  std::unique_ptr<DedupedUsage> deduped;  ///< null where no duplicates are looked for
  std::unique_ptr<Sums> sums;  ///< made by the naive engine, in place of usage; else null

  std::unique_ptr<OrderedUsage> last_lines;    ///< their usage; null where there are none
  std::vector<InputTotals> last_lines_totals;  ///< by line
};

/// `cycles` are those of the job and must outlive the result.
MeteringResult meter_parallel(const AggregateJob& job, const CyclePolicy& cycles, Reading& reading,
                              RejectLedger& rejects, const TakeDuplicate& take_duplicate,
                              JobContext& context);

MeteringResult meter_naively(const AggregateJob& job, const InputFormats& formats,
                             const CyclePolicy& cycles, std::vector<Input>& inputs,
                             RejectLedger& rejects, const TakeDuplicate& take_duplicate,
                             JobContext& context);

}  // namespace billing
