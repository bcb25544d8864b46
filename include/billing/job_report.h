#pragma once

// What a finished job tells of itself.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "billing/control_totals.h"
#include "billing/price_book.h"
#include "billing/quantity.h"
#include "billing/record_format.h"
#include "billing/statement.h"

namespace billing {

/// A run may have millions of tasks, inputs and mistakes: a report lists so many of a kind, and
/// counts all.
inline constexpr std::size_t kMaxReported = 100;

/// A task that some accepted events have and no rate.
struct UnratedTask {
  std::string task;
  std::uint64_t calls;
};

/// An expression of RecordFormat::where, and the records that it was the first to drop.
struct FilterReport {
  std::string where;
  std::uint64_t records = 0;
};

/// How many of the records with measures that a run has read have one of them, be it 0. Filters by
/// time and status, and duplicates, come later.
struct MeasureReport {
  Measure measure;
  std::uint64_t records = 0;
};

/// How long a pass took. Passes that repeat are added up.
struct PassTime {
  std::string_view name;  ///< always valid
  double wall_s;
};

struct InputReport {
  std::string name;
  InputTotals totals;
  /// Of an incremental run: `new`, `grown` or `known`, or empty for a log that no input of this run
  /// holds. Of other runs: empty. Always valid.
  std::string_view news;
  std::uint64_t compressed_bytes = 0;  ///< what it takes, where it was read compressed; else 0
};

/// What was found where inputs were named as folders or in a list, or chosen by their dates.
struct InputSearchReport {
  std::uint64_t files = 0;           ///< the inputs
  std::uint64_t folders = 0;         ///< that were named, those below them not counted
  std::uint64_t excluded = 0;        ///< files, and folders with all in them, left out by globs
  std::uint64_t outside_dates = 0;   ///< files left out for the dates in their paths
  std::uint64_t undated = 0;         ///< files that are read because their paths tell no date
  std::uint64_t repeated = 0;        ///< further names, in folders, of files that are read
  std::uint64_t linked_folders = 0;  ///< links to folders, which are not followed
  std::uint64_t special_files = 0;   ///< sockets, pipes and devices in folders, which are not read
};

/// What the inputs of an incremental run were.
struct StateReport {
  std::uint64_t fresh = 0;       ///< inputs that were not known in any part
  std::uint64_t grown = 0;       ///< inputs of which the beginning was known
  std::uint64_t known = 0;       ///< inputs in which nothing is new
  std::uint64_t unfinished = 0;  ///< last lines without an end that cannot be billed as they are
  std::uint64_t shared_records = 0;  ///< records that stand in several inputs and are billed once
};

/// How some of the inputs were read.
struct FormatReport {
  RecordFormat format;
  std::uint64_t inputs = 0;
};

/// Owns what it shows.
struct JobReport {
  std::string_view engine;  ///< `parallel`, `naive`, `merge`
  unsigned threads = 1;     ///< how many the job had; fewer than it wanted where memory is short
  std::string output_name;  ///< as messages call the result: its path, also in a folder
  QuantityRules quantity;
  InputTotals totals;  ///< of all inputs
  /// Of the logs that this run itself has read: equals `totals` except with a state; 0 in a merge.
  InputTotals read_totals;
  std::vector<InputReport> inputs;
  /// How the inputs of an aggregate job were read: those of all kinds but the same settings once.
  std::vector<FormatReport> formats;
  std::uint64_t more_inputs = 0;            ///< how many inputs are not listed above
  std::optional<StateReport> state;         ///< of an incremental run
  std::optional<InputSearchReport> search;  ///< see billing/input_paths.h
  /// What usage was made with, by the names of settings (`group-by`, `cycle`), as people write it;
  /// empty where an option was not given and has no default.
  std::vector<std::pair<std::string, std::string>> options;
  /// In the order in which they were given. Of the logs that this run itself has read.
  std::vector<FilterReport> filters;
  std::optional<std::string> rejects_name;  ///< AggregateJob::rejects
  std::vector<MeasureReport> measures;      ///< of an aggregate job's paths; else empty
  std::uint64_t measured_records = 0;       ///< all of which they are counted
  StatementTotals statement;
  std::uint64_t partial_rows = 0;   ///< of usage, where a partial was written
  std::uint64_t spilled_bytes = 0;  ///< written to temp_folder for want of memory
  std::vector<Rate> used_rates;     ///< those that some accepted event has; ordered by task
  std::vector<Rate> unused_rates;   ///< all others of the price book; ordered by task
  /// Accepted events' tasks without a rate: those with the most calls first, then by name; at most
  /// kMaxReported of them.
  std::vector<UnratedTask> unrated;
  std::uint64_t unrated_count = 0;  ///< how many such tasks there are
  std::uint64_t unrated_calls = 0;  ///< of all of them together
  std::vector<PassTime> passes;     ///< in the order in which they began
};

}  // namespace billing
