#pragma once

// The main job: logs -> bill, from a validated description to the committed result. Every host (the
// program, a service, a binding) calls this.

#include <cstdint>
#include <ctime>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "billing/control_totals.h"
#include "billing/cycle_policy.h"
#include "billing/event_filter.h"
#include "billing/group_by.h"
#include "billing/mediate.h"
#include "billing/money.h"
#include "billing/output_format.h"
#include "billing/price_book.h"
#include "billing/rejected_record.h"
#include "billing/statement.h"

namespace billing {

enum class EngineKind { parallel, naive };

/// What happens to events whose task has no rate. `unset` is `zero`, but refuses to bill when no
/// event at all has a rate: a bill of 0.00 by accident.
enum class UnratedPolicy { unset, zero, reject, fail };

/// `--max-rejects`: at most so many records, or such a share of the records that are not blank.
struct RejectLimit {
  std::optional<std::uint64_t> records;
  std::optional<Uint128> percent;  ///< integer of 10^-12 percent
};

inline constexpr std::size_t kDefaultChunkBytes = std::size_t{2} << 20;

struct AggregateJob {
  MediationOptions mediation;
  std::vector<std::string> inputs;  ///< paths; `-` is standard input
  std::string output = "-";         ///< a file, a folder, or `-` for standard output
  OutputFormat output_format = OutputFormat::text;
  bool csv_safe = false;
  std::time_t started_s = 0;  ///< names the result in a folder

  GroupBy group_by;
  std::shared_ptr<const CyclePolicy> cycles;
  EventFilter filter;

  PriceBook prices;
  UnratedPolicy unrated = UnratedPolicy::unset;
  RoundingRule rounding;

  std::optional<std::string> rejects;  ///< the file of `--rejects`
  std::optional<RejectLimit>
      reject_limit;  ///< none: unlimited with `rejects`, else no reject allowed

  EngineKind engine = EngineKind::parallel;
  unsigned threads = 1;
  std::size_t chunk_bytes = kDefaultChunkBytes;
  bool wide_records = false;  ///< see MeterOptions
};

struct Progress {
  std::uint64_t read_bytes;
  std::uint64_t total_bytes;  ///< 0 where it is not known
};

/// How a job talks to its host. All are called from any of the job's threads, one at a time for
/// `warn`.
struct AggregateHooks {
  std::function<bool()> cancelled = [] { return false; };
  std::function<void(const Progress&)> progress = [](const Progress&) {};
  std::function<void(const std::string&)> warn = [](const std::string&) {};
};

struct UnratedTask {
  std::string task;
  std::uint64_t calls;
};

struct PassTime {
  std::string_view name;
  double wall_s;
};

/// What the summary tells of a finished run.
struct AggregateReport {
  std::string output_name;
  InputTotals totals;  ///< of all inputs
  std::vector<std::pair<std::string, InputTotals>> inputs;
  StatementTotals statement;
  std::vector<std::string> tasks;  ///< of the accepted events, ordered by bytes
  std::vector<UnratedTask> unrated;
  std::vector<PassTime> passes;
};

/// Runs the job. On return the result is committed. Throws Error with nothing written but, where
/// there were more rejects than allowed, the rejects file. Reads, maps and writes files; touches no
/// global state but the CPU (TBB threads).
AggregateReport aggregate(const AggregateJob& job, const AggregateHooks& hooks);

}  // namespace billing
