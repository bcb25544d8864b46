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
#include "billing/job_hooks.h"
#include "billing/job_report.h"
#include "billing/mediate.h"
#include "billing/record_source.h"
#include "billing/rejected_record.h"
#include "billing/usage_options.h"

namespace billing {

/// Both make the same bill, byte for byte. `naive` is the sequential baseline to compare with.
enum class EngineKind { parallel, naive };

/// How many rejects a run may have and still be billed. Where both are given,
/// both hold; where neither is, there is no limit.
struct RejectLimit {
  std::optional<std::uint64_t> records;
  /// A share of the records that are not blank, in units of 10^-12 percent: kMoneyUnit is 1 %.
  std::optional<Uint128> percent;
};

/// Describes one job. aggregate() does not keep it.
struct AggregateJob : BillJob {
  /// How inputs with paths are read; what is not said is found out from their first bytes. Must be
  /// left as it is for a source of the host or a decoder, which have their format in `mediation`.
  FormatSettings format;
  /// How records are decoded. Its `format` must be null for paths without a decoder. The naive
  /// engine takes no decoder.
  MediationOptions mediation;
  std::vector<std::string> inputs;  ///< paths; `-` is standard input
  /// Files are mapped into memory, which is fastest; where one is cut short meanwhile the process
  /// gets SIGBUS, for whose handler billing/lost_pages.h is. False reads them instead, for hosts
  /// whose handler is not theirs. A state always maps.
  bool maps_inputs = true;
  /// The most bytes of text that an input may hold, decompressed. Nothing: any number.
  std::optional<std::uint64_t> max_input_bytes;
  /// Records from elsewhere, in place of `inputs`, which must be empty then. The job reads the
  /// source once. It cannot be combined with `state` or the naive engine. One that cuts chunks at
  /// line ends cannot be combined with a format whose records may hold line ends, or depend on
  /// those before (see RecordSource::cuts_at_lines()). A source whose next() blocks must return or
  /// throw by itself when the host cancels the job.
  std::shared_ptr<RecordSource> source;

  /// Cycles, grouping, filters, quantities. For paths without a decoder, `quantity`, `where` and
  /// `dedupe` come from `format` and must be left as they are here: else std::invalid_argument. For
  /// a source they must be those of the format that decodes it: unit and digits, the text of the
  /// filters and, where there are any, the time zone. A decoder is taken at its word.
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
  /// Nanoseconds. Keys of records that are older than the newest one by more are forgotten when the
  /// state changes; records of such a key that come later are billed. Without `state` and
  /// format.dedupe Error(configuration).
  std::optional<std::int64_t> dedupe_window_ns;

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
/// Throws ClosedPipe where the reader of standard output has gone, std::invalid_argument for
/// settings that exclude each other or would have no effect, and std::logic_error for a source
/// whose sequence numbers are wrong. Exceptions of the hooks pass through as they are. So do those
/// of the source and the decoder, but for std::bad_alloc, which becomes Error(run), and Error(run)
/// and Error(interrupted), whose messages get a last line that says what is left of the result.
JobReport aggregate(const AggregateJob& job, const JobHooks& hooks);

}  // namespace billing
