#pragma once

// What a format is: a row of the table in formats.cc.

#include <cstdint>
#include <memory>
#include <string_view>

#include "billing/mediate.h"
#include "billing/record_source.h"

namespace billing {

struct FormatRow {
  std::unique_ptr<RecordCutter> (*make_cutter)();  ///< for an input
  /// mediate() of this format, called once for each piece of a chunk.
  MediationCounts (*mediate)(const RecordBytes& records, const MediationOptions& options,
                             EventBatch& batch, const BatchSink& on_batch,
                             const RejectSink& on_reject);
  /// Where the task begins in a record that is an event: 1-based byte.
  std::uint32_t (*task_column)(std::string_view record);
};

const FormatRow& format_row(Format format);

}  // namespace billing
