#pragma once

// A look at inputs before they are billed: which format they have, what becomes of their first
// records, and what is missing for a bill.
//
//     CheckJob job;
//     job.inputs = {"access.log"};
//     job.format.format = "auto";
//     const CheckReport report = check_inputs(job, JobHooks());

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "billing/choose_format.h"
#include "billing/control_totals.h"
#include "billing/job_hooks.h"
#include "billing/mediate.h"
#include "billing/quantity.h"
#include "billing/reject.h"

namespace billing {

inline constexpr std::uint64_t kDefaultCheckedRecords = 1000;
/// Of an input at most so many bytes of text are looked at, however long its records are.
inline constexpr std::size_t kMaxCheckedBytes = std::size_t{64} << 20;

struct CheckJob {
  FormatSettings format;            ///< as of an AggregateJob
  std::vector<std::string> inputs;  ///< paths; `-` is standard input
  std::uint64_t max_records =
      kDefaultCheckedRecords;  ///< of each input, blanks included; at least 1
  std::uint64_t max_record_bytes = kDefaultMaxRecordBytes;
};

/// An event, copied.
struct CheckedEvent {
  std::uint64_t line = 0;  ///< of the record, from 1
  std::int64_t time_ns = 0;
  std::string user;
  std::string task;
  std::uint16_t status = 0;
  std::int64_t quantity = 0;  ///< in units of 10^-digits
};

/// A reject, copied; make_rejected_record() takes its members.
struct CheckedReject {
  std::uint64_t line = 0;
  std::uint64_t offset_bytes = 0;
  std::uint32_t column = 1;
  RejectReason reason = RejectReason::bad_record;
  std::uint64_t record_bytes = 0;
  std::string record;  ///< at most its first kMaxKeptRecordBytes
};

struct CheckedInput {
  std::string name;  ///< as messages call it
  FormatChoice choice;
  /// How its records were read: the chosen format, or the one that comes closest. Nothing where no
  /// record was read; all below is empty then.
  std::optional<RecordFormat> format;
  bool is_whole = false;  ///< there are no more records than those
  /// All events are among the accepted ones, duplicates as well.
  InputTotals totals;
  /// Where duplicates are looked for: records with the key of another one, of this input or of one
  /// before it.
  std::optional<std::uint64_t> duplicates;
  /// By measure of the format, how many of the accepted records have it, be it 0.
  std::vector<std::uint64_t> with_measure;
  std::vector<CheckedEvent> first_events;    ///< at most ten
  std::vector<CheckedReject> first_rejects;  ///< at most three
  std::uint64_t users = 0;                   ///< distinct ones
  std::uint64_t tasks = 0;
  std::uint64_t addresses = 0;    ///< users that look like an IP address
  std::string first_record;       ///< where nothing is known of its form: the first 1,024 bytes
  std::vector<SeenField> fields;  ///< where no record makes an event: what its records have
};

struct CheckReport {
  std::vector<CheckedInput> inputs;
  /// Why the inputs cannot be billed together, though each can; with marks: see tell().
  std::string problem;

  bool has_unknown() const;  ///< an input that no format fits, or a problem
  bool has_rejects() const;
};

/// Reads the beginning of each input on the calling thread and writes nothing; of the hooks it
/// calls `cancelled`. Decides on formats as aggregate() does. Throws Error(configuration) where a
/// setting is wrong whatever the inputs are, Error(run) where an input cannot be read,
/// Error(interrupted).
CheckReport check_inputs(const CheckJob& job, const JobHooks& hooks);

}  // namespace billing
