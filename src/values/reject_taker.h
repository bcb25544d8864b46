#pragma once

#include <string>

#include "billing/rejected_record.h"

namespace billing {

/// Takes the rejects of a run, in the order of the input. One thread at a time.
class RejectTaker {
 public:
  virtual ~RejectTaker() = default;

  virtual void take(const std::string& input_name, const RejectedRecord& reject) = 0;

  /// Writes what is still in memory. Once, after the last reject.
  virtual void finish() = 0;
};

}  // namespace billing
