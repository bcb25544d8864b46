// The format `text` with filters: its decoder knows nothing of them, and what it hands on is looked
// at once more.

#include "formats/filtered_text.h"

#include "formats/text_format.h"
#include "select/where_filter.h"

namespace billing {
namespace {

class FilteredText final : public InputFormat {
 public:
  explicit FilteredText(const RecordFormat& format)
      : InputFormat(in_ms(format)),
        text_(make_text_format(format.quantity.digits)),
        filters_(format, fields_) {}

  MediationCounts mediate(const RecordBytes& records, const MediationOptions& options,
                          EventBatch& batch, const BatchSink& on_batch,
                          const RejectSink& on_reject) const override {
    MediationCounts dropped;
    dropped.filtered_by.resize(filters_.size());
    MediationCounts counts = text_->mediate(
        records, options, batch,
        [&](EventBatch& decoded) {
          drop_others(decoded, dropped);
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
      const std::size_t filter = filters_.dropped_by_event(
          nullptr,
          {batch.time_ns[i], batch.user[i], batch.task[i], batch.quantity[i], batch.status[i]});
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

  std::shared_ptr<const InputFormat> text_;
  FieldList fields_;  ///< none
  WhereFilters filters_;
};

}  // namespace

std::shared_ptr<const InputFormat> make_filtered_text(const RecordFormat& format) {
  return std::make_shared<FilteredText>(format);
}

}  // namespace billing
