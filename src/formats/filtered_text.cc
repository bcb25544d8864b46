// The format `text` with filters or keys of duplicates: its decoder knows nothing of them, and what
// it hands on is looked at once more.

#include "formats/filtered_text.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "formats/batch_columns.h"
#include "formats/text_format.h"
#include "mapping/dedupe_key.h"
#include "mapping/kept_fields.h"
#include "select/where_filter.h"

namespace billing {
namespace {

class FilteredText final : public InputFormat {
 public:
  explicit FilteredText(const RecordFormat& format)
      : InputFormat(in_ms(format)),
        text_(make_text_format(format.quantity.digits)),
        filters_(format, fields_),
        key_(format, fields_),
        kept_(format, fields_) {}

  MediationCounts mediate(const RecordBytes& records, const MediationOptions& options,
                          EventBatch& batch, const BatchSink& on_batch,
                          const RejectSink& on_reject) const override {
    MediationCounts dropped;
    dropped.filtered_by.resize(filters_.size());
    BatchColumns columns(key_, kept_, records, batch);
    MediationCounts counts = text_->mediate(
        records, options, batch,
        [&](EventBatch& decoded) {
          drop_others(decoded, dropped);
          if (columns.has_keys()) set_keys(decoded, records.bytes, columns);
          if (decoded.size > 0) on_batch(decoded);
        },
        on_reject);
    counts.events -= dropped.filtered;
    counts.quantity -= dropped.quantity;
    counts.filtered = dropped.filtered;
    counts.filtered_by = std::move(dropped.filtered_by);
    return counts;
  }

  std::uint32_t task_column(std::string_view record) const override {
    return text_->task_column(record);
  }

 private:
  /// Whatever unit is said: the lines have ms.
  static RecordFormat in_ms(RecordFormat format) {
    format.quantity.unit = QuantityRules().unit;
    return format;
  }

  /// Keeps the events that no filter drops.
  void drop_others(EventBatch& batch, MediationCounts& dropped) const {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < batch.size; ++i) {
      const std::size_t filter = filters_.dropped_by_event(nullptr, event_of(batch, i));
      if (filter == WhereFilters::kNone) {
        if (kept != i) batch.move(i, kept);
        ++kept;
        continue;
      }
      ++dropped.filtered;
      ++dropped.filtered_by[filter];
      dropped.quantity += batch.quantity[i];
    }
    batch.size = kept;
  }

  /// A line that is an event has all parts of every key.
  static void set_keys(const EventBatch& batch, std::string_view bytes, BatchColumns& columns) {
    for (std::size_t i = 0; i < batch.size; ++i) {
      const std::uint64_t begin = batch.offset_bytes[i];
      const std::size_t end = std::min(bytes.find('\n', begin), bytes.size());
      columns.set_key(i, nullptr, event_of(batch, i), begin, end - begin);
    }
  }

  static MappedEvent event_of(const EventBatch& batch, std::size_t i) {
    return {batch.time_ns[i], batch.user[i], batch.task[i], batch.quantity[i], batch.status[i]};
  }

  std::shared_ptr<const InputFormat> text_;
  FieldList fields_;  ///< none
  WhereFilters filters_;
  DedupeKey key_;
  KeptFields kept_;  ///< none: fields that are asked for are refused
};

}  // namespace

std::shared_ptr<const InputFormat> make_filtered_text(const RecordFormat& format) {
  return std::make_shared<FilteredText>(format);
}

}  // namespace billing
