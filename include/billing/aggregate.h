#pragma once

// The main job: logs -> bill, from a validated description to the committed result. Every host (the
// program, a service, a binding) calls this.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "billing/bill.h"
#include "billing/mediate.h"
#include "billing/record_source.h"
#include "billing/rejected_record.h"
#include "billing/usage_options.h"

namespace billing {

enum class EngineKind { parallel, naive };

/// `--max-rejects`: at most so many records, or such a share of the records that are not blank.
struct RejectLimit {
  std::optional<std::uint64_t> records;
  std::optional<Uint128> percent;  ///< integer of 10^-12 percent
};

struct AggregateJob : BillJob {
  MediationOptions mediation;
  std::vector<std::string> inputs;  ///< paths; `-` is standard input
  /// Records from elsewhere, in place of `inputs`, which are empty then; read once. Neither the
  /// sequential baseline nor a state reads them. A source that keeps a thread waiting ends that by
  /// itself where the host wants the job to end.
  std::shared_ptr<RecordSource> source;

  UsageOptions usage;

  std::optional<std::string> rejects;  ///< the file of `--rejects`
  std::optional<RejectLimit>
      reject_limit;  ///< none: unlimited with `rejects`, else no reject allowed

  /// The folder of an incremental run's state: inputs are then regular files, of which only what is
  /// new is read, and the bill is of all that any run with this state has read.
  std::optional<std::string> state;

  /// The sequential baseline keeps all in memory and makes no partials and has no state.
  EngineKind engine = EngineKind::parallel;
  std::size_t chunk_bytes = kDefaultChunkBytes;
};

/// Runs the job. On return the result is committed. Throws Error with nothing written but, where
/// there were more rejects than allowed, the rejects file. Reads, maps and writes files; touches no
/// global state but the CPU (TBB threads).
JobReport aggregate(const AggregateJob& job, const JobHooks& hooks);

}  // namespace billing
