// Generated records as lines of other formats than text: of the same seed they are the same calls.
//
//     combined   user115 asks for POST /v1/login; an address of his own, an agent, a size
//     json, csv  the fields of text, called time, user, task, status, duration_ms
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "generate/counter_random.h"
#include "generate/record_batch.h"

namespace billing {

enum class LogForm : std::uint8_t { text, combined, json, csv };

/// What stands before the first record of a file.
std::string_view header_of(LogForm form);

/// Immutable; any number of threads may share one.
class FormatWriter {
 public:
  /// The most bytes that a line takes.
  static constexpr std::size_t kMaxLineBytes = 768;

  /// `form` is none of text.
  FormatWriter(LogForm form, std::uint64_t seed);

  /// Writes the batch, whose first record is `first` of the log, from `out` on, which must have
  /// room for batch.size lines of kMaxLineBytes. Returns the end of what was written.
  char* write(const RecordBatch& batch, std::uint64_t first, char* out) const;

 private:
  char* write_combined(const RecordBatch& batch, std::size_t i, std::uint64_t record,
                       char* out) const;

  LogForm form_;
  CounterRandom details_;  ///< of what text has not got
};

}  // namespace billing
