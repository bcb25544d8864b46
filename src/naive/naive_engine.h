#pragma once

// The sequential baseline: reads records, adds them up in hash maps, sorts at the end. It is the
// judge of the parallel engine, so it is plain before it is fast, and keeps everything in memory.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <istream>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "billing/control_totals.h"
#include "billing/cycle_policy.h"
#include "billing/event_filter.h"
#include "billing/record_format.h"
#include "billing/rejected_record.h"
#include "billing/sums.h"
#include "billing/usage_key.h"
#include "naive/duplicates.h"
#include "naive/line_reader.h"
#include "naive/record_parser.h"
#include "naive/record_reader.h"
#include "naive/where.h"

namespace billing::naive {

struct Options {
  UsageKey key;
  const CyclePolicy* cycles = nullptr;  ///< must outlive the engine; needed if key.cycle
  EventFilter filter;
  /// Whether events of this task are billed; others become `unrated_task`. Empty: all are.
  std::function<bool(std::string_view task)> is_allowed;
  /// A longer line (without its end) is rejected as `too_long`.
  std::uint64_t max_record_bytes = std::uint64_t{16} << 20;
};

using RejectSink = std::function<void(const RejectedRecord&)>;

/// Numbers names in the order of their first appearance.
class Names {
 public:
  Names() = default;
  Names(Names&&) = default;  // moving keeps the views that it gave out; a copy would not
  Names& operator=(Names&&) = default;

  std::uint32_t index_of(std::string_view name);
  std::string_view operator[](std::uint32_t index) const { return names_[index]; }
  std::size_t size() const { return names_.size(); }

 private:
  std::deque<std::string> names_;  // a deque: the map's views must survive its growth
  std::unordered_map<std::string_view, std::uint32_t> indexes_;
};

class UnwrappedStream;

/// For one thread.
class Engine {
 public:
  explicit Engine(Options options);

  /// Reads one whole input and returns what became of its records. Lines and offsets of rejects
  /// count from its beginning. `on_reject` may be empty. Throws Error(run) where the stream breaks.
  InputTotals add(std::istream& input, const RejectSink& on_reject);

  /// The same in any format, taken out of its wrapper. Throws Error(configuration) where the format
  /// cannot be read with.
  InputTotals add(std::istream& input, const RecordFormat& format, const RejectSink& on_reject);

  /// Where duplicates are looked for, accepted records are in no totals before this: it adds those
  /// that stay to the totals of their inputs, in the order in which these were read, and counts and
  /// hands on all others. Once, after the last input.
  using DuplicateSink = std::function<void(std::size_t input, const RejectedRecord&)>;
  void drop_duplicates(std::vector<InputTotals>& totals, const DuplicateSink& on_duplicate);

  /// By expression of a format's `where`, the records of all inputs that it was the first to drop.
  const std::vector<std::uint64_t>& filtered_by() const { return filtered_by_; }

  /// Of the records with measures that come through these filters: all, and by measure those that
  /// have it.
  std::uint64_t measured_records() const { return measured_records_; }
  const std::vector<std::uint64_t>& with_measure() const { return with_measure_; }

  /// The sums of all inputs; they live on without the engine. Call it once, last.
  std::unique_ptr<Sums> finish();

 private:
  struct Key {
    std::uint32_t user;  // 0 where users are not grouped by
    std::uint32_t task;
    std::int64_t cycle;
    std::uint32_t part;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const;
  };
  struct Usage {
    std::uint64_t calls = 0;
    Int128 quantity = 0;
  };
  struct Call {
    std::int64_t time_ns;
    std::int64_t quantity;
    std::uint32_t task;
    std::uint16_t status;
  };

  InputTotals add_records(std::istream& input, const RecordFormat& format,
                          const RejectSink& on_reject);
  void expect_record(std::uint64_t line, std::uint64_t offset_bytes, std::string_view record,
                     std::uint64_t record_bytes);
  std::optional<Flaw> add_line(const Line& line, bool is_first, InputTotals& totals);
  std::optional<Flaw> add_record(std::string_view record, InputTotals& totals);
  std::optional<Flaw> add_item(const Item& item, InputTotals& totals);
  void drop(std::size_t filter, InputTotals& totals);
  void count_measures(const std::vector<bool>& has_measure);
  std::optional<Flaw> add_events(std::span<const Event> events, std::uint32_t task_column,
                                 InputTotals& totals);
  void set_aside(std::span<const Event> events);
  void bill(std::span<const Event> events, InputTotals& totals);
  void meter(const Event& event);
  std::uint32_t part_of(std::int64_t time_ns) const;
  void count(const Key& key, std::int64_t quantity);
  void number_calls(const std::vector<std::uint32_t>& task_places);

  Options options_;
  int text_digits_ = 0;             ///< that quantities of `text` are kept with
  std::uint64_t calls_per_cycle_;   // 0: the time alone decides the cycle, or there is none
  std::vector<Where> text_wheres_;  // of the input at hand, where it is `text`
  std::optional<KeyRule> text_key_;
  std::vector<std::uint64_t> filtered_by_;
  std::uint64_t measured_records_ = 0;
  std::vector<std::uint64_t> with_measure_;
  std::size_t inputs_ = 0;
  const UnwrappedStream* unwrapped_ = nullptr;  ///< of the input at hand, where it is wrapped
  bool keeps_largest_ = false;
  std::optional<WaitingRecord> at_hand_;  ///< where the record at hand stands, if it is to wait
  DuplicateKey key_at_hand_;
  Duplicates duplicates_;
  Names users_;
  Names tasks_;
  std::unordered_map<Key, Usage, KeyHash> usage_;
  std::vector<std::vector<Call>> calls_by_user_;  // for `calls:N`, until they can be numbered
};

}  // namespace billing::naive
