#pragma once

// A bill that goes to the host itself in place of a file: to a table in memory, a database.
//
//     class Table : public StatementSink {
//       void begin(const StatementHead& head) override { head_ = head; }
//       void take(std::span<const StatementLine> lines) override { append(head_, lines); }
//       void commit() override { publish(); }
//       …
//     };
//     job.sink = std::make_shared<Table>();

#include <memory>
#include <span>

#include "billing/cycle_policy.h"
#include "billing/group_by.h"
#include "billing/money.h"
#include "billing/quantity.h"
#include "billing/statement.h"
#include "billing/task_names.h"

namespace billing {

/// What all lines of a statement have in common. A copy lives on by itself.
struct StatementHead {
  GroupBy group_by;                           ///< what the lines keep apart
  std::shared_ptr<const CyclePolicy> cycles;  ///< what StatementLine::cycle is called
  TaskNames tasks;                            ///< that StatementLine::task numbers
  RoundingRule rounding;                      ///< whose scale costs have
  QuantityRules quantity;                     ///< whose digits quantities have
};

/// Takes the lines of a statement, in order. One thread calls it at a time, and not always the same
/// one. What it throws ends the job and passes through as it is.
///
/// Where the job throws, no commit() was called, or commit() itself has thrown: what was taken is
/// no bill and must be thrown away.
class StatementSink {
 public:
  virtual ~StatementSink() = default;

  /// Once, before the first line. Rates and inputs have been checked by then.
  virtual void begin(const StatementHead& head) = 0;

  /// The next lines; their names are valid during the call. At least one line.
  virtual void take(std::span<const StatementLine> lines) = 0;

  /// Once, as the last call: the statement is complete, adds up to what was metered, and all that
  /// goes elsewhere (rejects, duplicates, a state) stands.
  virtual void commit() = 0;
};

}  // namespace billing
