#pragma once

// What a format is to those who run jobs: records found, decoded and counted. One is made for an
// input from its RecordFormat (formats.cc has the table).

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "billing/mediate.h"
#include "billing/record_format.h"
#include "billing/record_source.h"
#include "billing/simd_level.h"

namespace billing {

/// Immutable; all members may be called by any number of threads. The defaults are those of formats
/// whose records are lines.
class InputFormat {
 public:
  explicit InputFormat(RecordFormat settings) : settings_(std::move(settings)) {}
  virtual ~InputFormat() = default;
  InputFormat(const InputFormat&) = delete;
  InputFormat& operator=(const InputFormat&) = delete;

  /// What it was made of: the quantities of its events, and what they had to fulfil, are those of
  /// the usage.
  const RecordFormat& settings() const { return settings_; }

  /// Of one input, from its start on or from a record within it.
  virtual std::unique_ptr<RecordCutter> make_cutter(bool /*at_input_start*/,
                                                    std::uint64_t /*max_record_bytes*/) const {
    return make_line_cutter();
  }

  /// mediate() of this format: once for each piece of a chunk.
  virtual MediationCounts mediate(const RecordBytes& records, const MediationOptions& options,
                                  EventBatch& batch, const BatchSink& on_batch,
                                  const RejectSink& on_reject) const = 0;

  /// Where the task begins in a record that is an event: 1-based byte.
  virtual std::uint32_t task_column(std::string_view record) const = 0;

  /// The same of a record at which `state` holds, where records depend on those before them.
  virtual std::uint32_t task_column_at(std::string_view record,
                                       const RecordState* /*state*/) const {
    return task_column(record);
  }

  /// What holds behind whole records at whose start `state` holds: as the cutter tells of chunks.
  virtual std::shared_ptr<const RecordState> state_behind(std::shared_ptr<const RecordState> state,
                                                          std::string_view /*records*/,
                                                          bool /*at_input_start*/) const {
    return state;
  }

  /// `bytes` begin with a record. Behind the first record that ends at byte `from` or later; the
  /// end where none does.
  virtual std::size_t record_end(std::string_view bytes, std::size_t from) const;

  /// The record that `bytes` begin with, less its line end. Of one that became a reject only after
  /// it was decoded, the length is not known, and `length_bytes` is 0.
  std::string_view record_at(std::string_view bytes, std::uint64_t length_bytes) const;

  /// Whether a record may make several events, or none: see EventBatch::offset_bytes.
  bool has_measures() const { return !settings_.measures.empty(); }

  /// Whether every record is a line.
  virtual bool are_lines() const { return true; }
  /// Whether every record begins where a line does; otherwise at a `{`.
  virtual bool begin_lines() const { return true; }

  /// Whether records mean the same wherever a source of lines has cut the input: not where one may
  /// hold line ends, or depends on those before it.
  virtual bool may_be_cut_at_lines() const { return are_lines(); }

  /// The second count of a piece's records, which knows nothing of how they are decoded: one that
  /// passes records over, or takes some twice, is found out. The last record may lack its end.
  virtual std::uint64_t count_records(std::string_view bytes, SimdLevel simd) const;

 private:
  RecordFormat settings_;
};

}  // namespace billing
