#pragma once

// The main job: logs -> bill (or a partial), from a description to the committed result. Every host
// (the program, a service, a binding) calls this.
//
//     AggregateJob job;
//     job.inputs = {"api.log"};
//     job.output = "bill.csv";
//     job.output_format = OutputFormat::csv;
//     job.usage.cycles.policy = "month";
//     job.prices = PriceBook::build({{{"login", "0.005", "my price list"}}}, mistakes);
//     const JobReport report = aggregate(job, JobHooks());

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "billing/bill.h"
#include "billing/choose_format.h"
#include "billing/mediate.h"
#include "billing/record_source.h"
#include "billing/rejected_record.h"
#include "billing/usage_options.h"

namespace billing {

/// Both make the same bill, byte for byte. `naive` is the sequential baseline to compare with.
enum class EngineKind { parallel, naive };

/// How many rejects a run may have and still be billed (`--max-rejects`). Where both are given,
/// both hold; where neither is, there is no limit.
struct RejectLimit {
  std::optional<std::uint64_t> records;
  /// A share of the records that are not blank, in units of 10^-12 percent: kMoneyUnit is 1 %.
  std::optional<Uint128> percent;
};

/// Describes one job. aggregate() does not keep it.
struct AggregateJob : BillJob {
  /// How inputs are read; what is not said is found out from their first bytes. A source of the
  /// host, or a decoder, has its format in `mediation` instead.
  FormatSettings format;
  /// Its `format` is not for inputs with paths.
  MediationOptions mediation;       ///< how records are decoded
  std::vector<std::string> inputs;  ///< paths; `-` is standard input
  /// The most bytes of text that an input may hold, decompressed. Nothing: any number.
  std::optional<std::uint64_t> max_input_bytes;
  /// Records from elsewhere, in place of `inputs`, which must be empty then. The job reads the
  /// source once. It cannot be combined with `state` or the naive engine. A source whose next()
  /// blocks must return or throw by itself when the host cancels the job.
  std::shared_ptr<RecordSource> source;

  /// Cycles, grouping, filters, quantities. With `inputs` quantities and `where` are taken from
  /// `format`; with a source, or a decoder, they must be those of the formats that decode it.
  UsageOptions usage;

  /// The CSV file that takes every rejected record; nothing: they are only counted.
  std::optional<std::string> rejects;
  /// The CSV file that takes every duplicate, in the form of the rejects file; only with
  /// format.dedupe.
  std::optional<std::string> duplicates;
  /// Nothing: any number where `rejects` is given, else none.
  std::optional<RejectLimit> reject_limit;

  /// The folder that holds the state of incremental runs; made where there is none. Inputs must be
  /// regular files then. Only what is new in them is read, and the bill covers everything that any
  /// run with this state has read. One job at a time may use a state.
  std::optional<std::string> state;

  /// The naive engine keeps everything in memory, and supports neither partials nor states.
  EngineKind engine = EngineKind::parallel;
  std::size_t chunk_bytes = kDefaultChunkBytes;  ///< that each thread reads at a time
};

/// Runs the job on up to `job.threads` threads, the calling one among them, and one more that
/// writes. On return the result is in place. Any number of jobs may run at once; none changes
/// anything that belongs to the whole process.
///
/// Throws Error where the run cannot go on: an old result then stays as it was, and of the outputs
/// only the rejects file is written, and only where there were more rejects than allowed. A result
/// that goes to a pipe or a device cannot be taken back; the message says that it is incomplete.
/// Throws ClosedPipe where the reader of standard output has gone, and std::invalid_argument for a
/// source combined with what it excludes. Exceptions of the hooks and the source pass through.
JobReport aggregate(const AggregateJob& job, const JobHooks& hooks);

}  // namespace billing
