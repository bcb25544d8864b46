#pragma once

// What formats with a mapping have in common: fields of a record -> an event of the batch, or a
// reject; and the counts of both.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "billing/event_batch.h"
#include "billing/mediate.h"
#include "formats/batch_columns.h"
#include "formats/batch_quantity.h"
#include "formats/line_scanner.h"
#include "formats/record_mapper.h"
#include "mapping/batch_text.h"

namespace billing {

/// Of one call of mediate().
class BatchFiller {
 public:
  /// `records` are those that are decoded.
  BatchFiller(const RecordMapper& mapper, const RecordBytes& records, EventBatch& batch,
              const BatchSink& on_batch, const RejectSink& on_reject)
      : mapper_(mapper),
        is_plain_(mapper.is_plain()),
        columns_(mapper.key(), mapper.kept(), records, batch),
        batch_(batch),
        on_batch_(on_batch),
        on_reject_(on_reject),
        fields_(mapper.fields().size()) {
    batch_.size = 0;
    batch_.rounded.clear();
    counts_.filtered_by.resize(mapper.filters().size());
    counts_.with_measure.resize(mapper.measure_count());
  }

  /// Those of the record at hand, in the order of the mapper's: to be filled in.
  Field* fields() { return fields_.data(); }
  /// For texts that fields point to; they last as long as the record's event needs them.
  BatchText& texts() { return texts_; }

  /// For who adds events by himself, where RecordMapper::is_plain(). To be called after that is
  /// joined(); there is room for one event.
  EventBatch& batch() { return batch_; }
  void joined() {
    if (batch_.full()) flush();
  }

  /// The record of the fields is whole. `length_bytes` are without its line end.
  void take(std::uint64_t offset_bytes, std::uint64_t length_bytes) {
    if (!is_plain_) return take_carefully(offset_bytes, length_bytes);
    MappedEvent event;
    QuantityRounding rounding;
    if (const auto flaw = mapper_.map(fields_.data(), texts_, event, rounding)) [[unlikely]]
      return reject(flaw->reason, flaw->at + 1, offset_bytes, length_bytes);
    join(event, rounding, offset_bytes);
  }

  /// As take(), of a record whose task is known, where RecordMapper::is_plain(). False where it is
  /// left to take(), with all its fields.
  bool take_with_task(std::string_view task, std::uint64_t offset_bytes) {
    MappedEvent event;
    QuantityRounding rounding;
    if (!mapper_.map_with_task(fields_.data(), task, event, rounding)) return false;
    join(event, rounding, offset_bytes);
    return true;
  }

  void reject(RejectReason reason, std::uint32_t column, std::uint64_t offset_bytes,
              std::uint64_t length_bytes) {
    ++counts_.rejects;
    on_reject_({reason, column, offset_bytes, length_bytes});
    if (batch_.size == 0) texts_.clear();
  }
  void blank() { ++counts_.blanks; }
  void directive() {
    ++counts_.directives;
    if (batch_.size == 0) texts_.clear();
  }

  /// Hands on what is left. `bytes` are those that were decoded.
  MediationCounts finish(std::uint64_t bytes) {
    flush();
    counts_.bytes = bytes;
    counts_.records = counts_.events - counts_.further_events + counts_.rejects + counts_.filtered +
                      counts_.blanks + counts_.directives;
    return counts_;
  }

 private:
  /// take(), of a record of which filters, measures, keys or fields to be kept are asked.
  void take_carefully(std::uint64_t offset_bytes, std::uint64_t length_bytes) {
    if (!mapper_.is_meant(fields_.data())) return directive();
    const WhereFilters& filters = mapper_.filters();
    if (filters.size() > 0 && drop(filters.dropped_by_fields(fields_.data()))) return;
    if (mapper_.has_measures()) return take_measures(offset_bytes, length_bytes);
    MappedEvent event;
    QuantityRounding rounding;
    if (const auto flaw = mapper_.map(fields_.data(), texts_, event, rounding)) {
      reject(flaw->reason, flaw->at + 1, offset_bytes, length_bytes);
      return;
    }
    if (const auto flaw =
            columns_.set_next(fields_.data(), event, texts_, offset_bytes, length_bytes)) {
      reject(flaw->reason, flaw->at + 1, offset_bytes, length_bytes);
      return;
    }
    if (filters.size() > 0 && drop(filters.dropped_by_event(fields_.data(), event))) return;
    join(event, rounding, offset_bytes);
  }

  /// False where no filter drops the record.
  bool drop(std::size_t filter) {
    if (filter == WhereFilters::kNone) return false;
    ++counts_.filtered;
    ++counts_.filtered_by[filter];
    if (batch_.size == 0) texts_.clear();
    return true;
  }

  /// The event of a record that is one event.
  void join(const MappedEvent& event, const QuantityRounding& rounding,
            std::uint64_t offset_bytes) {
    counts_.without_quantity += event.is_without_quantity ? 1 : 0;
    add(event, offset_bytes);
    if (rounding.count > 0) [[unlikely]]
      batch_.rounded.push_back({offset_bytes, rounding});
    if (batch_.full()) [[unlikely]]
      flush();
  }

  void add(const MappedEvent& event, std::uint64_t offset_bytes) {
    const std::size_t n = batch_.size++;
    batch_.time_ns[n] = event.time_ns;
    batch_.user[n] = event.user;
    batch_.task[n] = event.task;
    batch_.status[n] = event.status;
    batch_.quantity[n] = event.quantity;
    batch_.offset_bytes[n] = offset_bytes;
  }

  void take_measures(std::uint64_t offset_bytes, std::uint64_t length_bytes) {
    if (const auto flaw = mapper_.map_measures(fields_.data(), texts_, measured_))
      return reject(flaw->reason, flaw->at + 1, offset_bytes, length_bytes);
    if (const auto flaw =
            columns_.set_next(fields_.data(), measured_, texts_, offset_bytes, length_bytes))
      return reject(flaw->reason, flaw->at + 1, offset_bytes, length_bytes);
    const WhereFilters& filters = mapper_.filters();
    QuantityRounding rounding = measured_.of_zeros;
    const std::size_t before = batch_.size;
    std::size_t last_filter = 0;  // of filters asked one after the other, the one that leaves none
    for (const MeasuredRecord::Part& part : measured_.parts) {
      const std::size_t filter = filters.size() == 0
                                     ? WhereFilters::kNone
                                     : filters.dropped_by_event(fields_.data(), part.event);
      if (filter != WhereFilters::kNone) {
        last_filter = std::max(last_filter, filter);
        continue;
      }
      add(part.event, offset_bytes);
      rounding += part.rounding;
    }
    if (batch_.size == before) {
      drop(last_filter);
      return;
    }
    counts_.further_events += batch_.size - before - 1;
    for (const std::size_t measure : measured_.present) ++counts_.with_measure[measure];
    if (rounding.count > 0) batch_.rounded.push_back({offset_bytes, rounding});
    // The events of the next record stand in one batch as well.
    if (batch_.size + mapper_.measure_count() > kEventBatchCapacity) flush();
  }

  void flush() {
    counts_.events += batch_.size;
    counts_.quantity += quantity_of(batch_);
    if (batch_.size > 0) on_batch_(batch_);
    batch_.size = 0;
    batch_.rounded.clear();
    texts_.clear();
  }

  const RecordMapper& mapper_;
  bool is_plain_;  ///< see RecordMapper::is_plain()
  BatchColumns columns_;
  EventBatch& batch_;
  const BatchSink& on_batch_;
  const RejectSink& on_reject_;
  std::vector<Field> fields_;
  BatchText texts_;
  MeasuredRecord measured_;  ///< the record at hand
  MediationCounts counts_;
};

/// Takes a line whose fields `fill(fields, texts)` finds; it is false where the line is not of the
/// format's form.
template <class Fill>
void take_line(const Line& line, std::uint64_t offset_bytes, BatchFiller& filler,
               const Fill& fill) {
  if (line.is_too_long) {
    filler.reject(RejectReason::too_long, 1, offset_bytes, line.length_bytes());
  } else if (is_blank(line)) {
    filler.blank();
  } else if (fill(filler.fields(), filler.texts())) {
    filler.take(offset_bytes, line.length_bytes());
  } else {
    filler.reject(RejectReason::bad_record, 1, offset_bytes, line.length_bytes());
  }
}

}  // namespace billing
