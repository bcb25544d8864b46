#include "job/job_result.h"

#include <optional>
#include <stdexcept>
#include <string_view>

namespace billing {
namespace {

std::string_view ending_of(OutputFormat format) {
  switch (format) {
    case OutputFormat::text:
      return "txt";
    case OutputFormat::csv:
      return "csv";
    case OutputFormat::jsonl:
      return "jsonl";
  }
  __builtin_unreachable();
}

std::unique_ptr<OutputFile> open_file(const BillJob& job, const std::function<void()>& checkpoint) {
  if (job.partial) return OutputFile::open(*job.partial, std::nullopt, checkpoint);
  if (job.sink) return nullptr;
  return OutputFile::open(job.output,
                          NameInFolder{job.started_s, std::string(ending_of(job.output_format))},
                          checkpoint);
}

}  // namespace

void check_result(const BillJob& job, bool lists_records) {
  if (!job.sink) return;
  const BillJob unset;
  if (job.output != unset.output || job.output_format != unset.output_format ||
      (job.csv_safe && !lists_records) || job.partial)
    throw std::invalid_argument("a bill that a sink takes has no output, no format and no partial");
}

JobResult::JobResult(const BillJob& job, const std::function<void()>& checkpoint)
    : sink_(job.sink), file_(open_file(job, checkpoint)) {}

void JobResult::commit() {
  if (sink_) {
    sink_->commit();
  } else {
    file_->commit();
  }
}

}  // namespace billing
