#pragma once

// The file of `--duplicates`.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "billing/aggregate.h"
#include "io/output_file.h"
#include "job/dedupe_stage.h"
#include "job/reject_ledger.h"

namespace billing {

/// Of rejects or duplicates. Null where the job asks for no such file.
std::unique_ptr<OutputFile> open_rejects(const std::optional<std::string>& path,
                                         const std::function<void()>& checkpoint);

class DuplicateFile {
 public:
  /// By input. All must outlive it.
  DuplicateFile(const AggregateJob& job, const std::vector<std::string>& names,
                const std::function<void()>& checkpoint);

  /// Empty where the job asks for no such file.
  TakeDuplicate taker();
  void commit();

 private:
  std::unique_ptr<OutputFile> file_;
  const std::vector<std::string>& names_;
  std::optional<RejectFile> rows_;
};

}  // namespace billing
