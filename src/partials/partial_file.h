#pragma once

// Partials as files: usage with what it was made of, to be merged and billed later.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "billing/cycle_policy.h"
#include "billing/error.h"
#include "io/file_identity.h"
#include "partials/kept_records.h"
#include "partials/partial_header.h"
#include "partials/usage_file_writer.h"
#include "partials/usage_runs.h"

namespace billing {

/// Everything before the rows of a partial, except the lists of tasks, inputs and records, which
/// may be of any length.
struct PartialFile {
  std::uint64_t size_bytes = 0;
  std::optional<FileIdentity> identity;  ///< of a file
  UsageOptions options;

  InputTotals totals;  ///< of all inputs
  std::uint64_t input_count = 0;
  std::optional<StateIdentity> state;  ///< then its inputs tell how far they were looked at
  /// Last lines without an end, which are not in the rows; only in states.
  std::uint64_t last_lines = 0;
  std::uint64_t last_lines_bytes = 0;

  /// Where usage is deduplicated: what is billed and has a key. All else are rows.
  std::optional<KeptRecords> records;

  UsageRun rows;  ///< its bounds are those that the above allows
  bool has_rows = false;

  RowKind row_kind() const { return rows.bounds.rows; }
};

/// Takes what a reader of a partial may want to keep, in the order of the file.
struct PartialSink {
  std::function<void(std::string_view)> task = [](std::string_view) {};
  /// An input, without its earlier contents, which follow.
  std::function<void(const PartialInput&)> input = [](const PartialInput&) {};
  std::function<void(const EarlierContent&)> earlier = [](const EarlierContent&) {};
};

/// Makes the policy that a partial's options name. Passed in, so that this room need not link to
/// src/cycles although rows are checked against the policy.
using CyclePolicyMaker = std::unique_ptr<const CyclePolicy>(const CycleSettings& settings);

/// No more files may be open at once.
class TooManyFiles : public Error {
 public:
  using Error::Error;
};

/// Opens a partial and reads all that stands before its rows, which are checked as they are read;
/// of records with keys, which come before as well, only what they add up to is kept.
/// Holds one block of it at a time. Throws Error(run) that names the file and the place where it is
/// damaged, cut off, of another version, or none; TooManyFiles. `checkpoint` is called now and
/// then.
PartialFile open_partial(
    const std::string& path, CyclePolicyMaker& make_policy, const PartialSink& sink = {},
    const std::function<void()>& checkpoint = [] {});

/// The same of bytes from anywhere.
PartialFile read_partial(
    std::shared_ptr<const ByteSource> bytes, CyclePolicyMaker& make_policy,
    const PartialSink& sink = {}, const std::function<void()>& checkpoint = [] {});

/// Only runs with the state itself bill its last lines: a bill without them would be wrong. Throws
/// Error(run) for a partial that has any.
void refuse_last_lines(const PartialFile& partial);

/// Throws Error(run) that names the options in which they differ.
void check_same_options(const PartialFile& first, const PartialFile& other);

/// Adds what a partial holds to that of others. Throws Error(run) where it is too much.
void add_together(InputSum& sum, const PartialFile& partial);

/// Writes what comes before the tasks.
void begin_partial(UsageFileWriter& writer, const std::function<void(std::string_view)>& append,
                   const DecodedHeader& header);

}  // namespace billing
