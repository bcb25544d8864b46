#pragma once

// How a job talks to its host while it runs.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "billing/rejected_record.h"

namespace billing {

/// The pass that a job is in, and how far it has come. Passes repeat when input does not fit into
/// memory: it is read, sorted and spilled slice by slice.
struct Progress {
  /// A word for people, such as `reading`, `merging`, `writing`. Always valid.
  std::string_view pass;
  /// So far in this pass, over all its repetitions: bytes while `reading`, calls while `rating` and
  /// `writing`.
  std::uint64_t done = 0;
  std::uint64_t total = 0;  ///< 0 where it is not known
};

/// Callbacks to the host, which must outlive the job. Any of the job's threads may call `cancelled`
/// and `progress`, several at once and many times a second; `reject` and `warn` are called by one
/// thread at a time. What they throw ends the job and passes through as it is.
struct JobHooks {
  /// True ends the job with Error(interrupted).
  std::function<bool()> cancelled = [] { return false; };
  std::function<void(const Progress&)> progress = [](const Progress&) {};
  std::size_t record_columns = 120;  ///< how much of a bad record the message of an error shows
  /// Takes each reject of aggregate(), in the order of the inputs; the record is valid during the
  /// call. Null: nobody wants them. How many are allowed AggregateJob::reject_limit says.
  std::function<void(const std::string& input_name, const RejectedRecord& reject)> reject;
  /// Takes a message for people, with marks before the names of settings: see tell().
  std::function<void(const std::string&)> warn = [](const std::string&) {};
};

}  // namespace billing
