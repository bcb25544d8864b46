#pragma once

// Where the result of a job goes: a file, which appears as a whole, or the host's own sink.

#include <functional>
#include <memory>
#include <string>

#include "billing/bill.h"
#include "billing/statement_sink.h"
#include "io/output_file.h"

namespace billing {

/// Throws std::invalid_argument where settings of a file, or a partial, stand beside a sink.
/// `lists_records`: other files, of records, have cells to be kept safe.
void check_result(const BillJob& job, bool lists_records);

/// One thread at a time. After an exception only the destructor may follow.
class JobResult {
 public:
  /// Opens the file of the job's partial or bill. `checkpoint` is as for OutputFile::open().
  JobResult(const BillJob& job, const std::function<void()>& checkpoint);

  /// Null where the result is a file.
  StatementSink* sink() const { return sink_.get(); }

  /// Only where there is no sink.
  OutputFile& file() const { return *file_; }

  /// Whether what is written cannot be taken back.
  bool is_direct() const { return file_ && file_->is_direct(); }

  void commit();

  /// As messages call it; empty for a sink. Final after commit().
  std::string name() const { return file_ ? file_->name() : std::string(); }

 private:
  std::shared_ptr<StatementSink> sink_;
  std::unique_ptr<OutputFile> file_;
};

}  // namespace billing
