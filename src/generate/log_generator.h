// The log behind `billing generate`: as many records as wanted, as fast as the biller reads them,
// and the same bytes for the same options on every machine and for every number of threads.
//
// Record i is a function of the options and of i alone (counter_random.h), and is computed with
// integers only (fixed_log2.h). What a record holds:
//
//     time      whole seconds, see Order
//     user      `user` and a number in 1..users; user1 is the one with the most records under Zipf
//     task      one of kGeneratedTasks, all alike
//     status    one of kGeneratedStatuses, by their shares
//     duration  kMinDurationMs..kMaxDurationMs, all alike
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "generate/counter_random.h"
#include "generate/format_writer.h"
#include "generate/record_batch.h"
#include "generate/record_writer.h"
#include "generate/zipf_ranks.h"

namespace billing {

struct LogGeneratorOptions {
  enum class Order {
    time,      // evenly spread over the range, never going back
    shuffled,  // each record anywhere in the range
  };

  static constexpr std::uint64_t kMaxRecords = std::uint64_t{1} << 60;
  static constexpr std::int64_t kMaxEndS = 9'214'646'400;  // 2262-01-01T00:00:00Z
  static constexpr std::uint32_t kMillion = 1'000'000;

  std::uint64_t records = 0;             // at most kMaxRecords
  std::uint64_t users = 1000;            // 1..ZipfRanks::kMaxUsers
  double zipf_exponent = 0;              // 0..10; 0 = all users alike
  std::int64_t start_s = 1'746'057'600;  // UTC; 2025-05-01T00:00:00Z
  std::int64_t end_s = 1'748'736'000;    // not included; 0 <= start_s < end_s <= kMaxEndS
  Order order = Order::time;
  std::uint32_t bad_ppm = 0;  // bad records in a million, 0..kMillion
  std::uint64_t seed = 1;
  LogForm form = LogForm::text;  // bad records are of text alone
};

/// What is wrong with the options, a sentence for each that is outside its limits. It calls them
/// --records, --users, --zipf, --start, --end and --bad.
std::vector<std::string> mistakes_in(const LogGeneratorOptions& options);

/// Makes any range of records. Immutable; any number of threads may share one.
class LogGenerator {
 public:
  /// Throws Error (configuration) with all mistakes_in(options), a line each, if there are any.
  explicit LogGenerator(const LogGeneratorOptions& options);

  /// The room that write() asks for; what it writes is a good deal less.
  std::size_t max_size_bytes(std::uint64_t records) const;

  /// Writes the lines of records [first, last) from the beginning of `out`, each with its LF, and
  /// returns their bytes. first <= last <= options.records, and `out` has at least
  /// max_size_bytes(last - first) bytes; throws std::invalid_argument otherwise.
  std::size_t write(std::uint64_t first, std::uint64_t last, std::span<char> out) const;

  /// RecordBatch::kNotBad, or the row of bad_record_kinds() that record `i` shows.
  std::uint8_t bad_kind(std::uint64_t i) const;

 private:
  void draw_times(std::uint64_t first, RecordBatch& batch) const;
  void draw_ordered_times(std::uint64_t first, RecordBatch& batch) const;
  void draw_users(std::uint64_t first, RecordBatch& batch) const;
  void draw_fields(std::uint64_t first, RecordBatch& batch) const;
  void draw_bad_kinds(std::uint64_t first, RecordBatch& batch) const;

  LogGeneratorOptions options_;
  CounterRandom random_;
  ZipfRanks ranks_;
  RecordWriter writer_;
  FormatWriter form_writer_;  // of all but text
};

/// Records [first, last) of a log, of which a part is made.
struct RecordRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

/// The records of a UTC day, given as days since 1970, of a log in the order of time.
RecordRange records_of_day(const LogGeneratorOptions& options, std::int64_t day);

/// Makes the whole log in blocks on `threads` threads (at least 1, the caller's among them) and
/// hands it to `sink` in order: one call at a time, but not always from the same thread. The view
/// lives until the sink returns. No records, no call. What the sink throws ends the work and is
/// thrown on. Throws Error as LogGenerator does. Memory: 1.2 MiB a thread, with bad records 4.5
/// MiB, 9.2 MiB in other forms than text; without the header of the form.
void generate_log(const LogGeneratorOptions& options, unsigned threads,
                  const std::function<void(std::string_view)>& sink);

/// The same of a part of its records.
void generate_log(const LogGeneratorOptions& options, const RecordRange& range, unsigned threads,
                  const std::function<void(std::string_view)>& sink);

}  // namespace billing
