#pragma once

// What a batch has beside its events where it is asked for: the keys by which records are
// deduplicated, and fields that the host wants to keep.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/utf8.h"
#include "billing/event_batch.h"
#include "billing/mediate.h"
#include "mapping/batch_text.h"
#include "mapping/dedupe_key.h"
#include "mapping/kept_fields.h"

namespace billing {

/// Of one call of mediate(): the batch has these columns as long as this lives.
class BatchColumns {
 public:
  BatchColumns(const DedupeKey& key, const KeptFields& kept, const RecordBytes& records,
               EventBatch& batch)
      : key_(key), kept_(kept), bytes_(records.bytes), batch_(batch) {
    if (records.at_input_start && bytes_.starts_with(kByteOrderMark))
      mark_bytes_ = kByteOrderMark.size();
    if (key_.is_asked()) {
      keys_.resize(kEventBatchCapacity);
      batch_.key = keys_.data();
    }
    if (kept_.count() > 0) {
      values_.resize(kEventBatchCapacity * kept_.count());
      batch_.kept = values_.data();
      batch_.kept_count = kept_.count();
    }
  }
  BatchColumns(const BatchColumns&) = delete;
  BatchColumns& operator=(const BatchColumns&) = delete;
  ~BatchColumns() {
    batch_.key = nullptr;
    batch_.kept = nullptr;
    batch_.kept_count = 0;
  }

  bool has_keys() const { return key_.is_asked(); }

  /// Sets what is asked of the record whose events, a MappedEvent or a MeasuredRecord, are about to
  /// join the batch: of several the first one's. Returns why they must not.
  template <class Events>
  std::optional<MappingFlaw> set_next(const Field* fields, const Events& events, BatchText& texts,
                                      std::uint64_t offset_bytes, std::uint64_t length_bytes) {
    if (has_keys()) {
      if (const auto flaw = set_key(batch_.size, fields, events, offset_bytes, length_bytes))
        return flaw;
    }
    if (kept_.count() == 0) return std::nullopt;
    return kept_.find(fields, texts, &values_[batch_.size * kept_.count()]);
  }

  /// Sets the key of an event of the batch.
  template <class Events>
  std::optional<MappingFlaw> set_key(std::size_t i, const Field* fields, const Events& events,
                                     std::uint64_t offset_bytes, std::uint64_t length_bytes) {
    std::string_view record = bytes_.substr(offset_bytes, length_bytes);
    if (offset_bytes == 0) record.remove_prefix(mark_bytes_);
    return key_.make(fields, events, record, scratch_, keys_[i]);
  }

 private:
  const DedupeKey& key_;
  const KeptFields& kept_;
  std::string_view bytes_;
  EventBatch& batch_;
  std::size_t mark_bytes_ = 0;
  std::vector<RecordKey> keys_;
  std::vector<std::string_view> values_;  ///< as EventBatch::kept has them
  std::string scratch_;
};

}  // namespace billing
