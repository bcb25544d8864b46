#pragma once

// The keys of a batch's events, where records are deduplicated.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/utf8.h"
#include "billing/event_batch.h"
#include "billing/mediate.h"
#include "mapping/dedupe_key.h"

namespace billing {

/// Of one call of mediate(): the batch has keys as long as this lives.
class BatchKeys {
 public:
  BatchKeys(const DedupeKey& key, const RecordBytes& records, EventBatch& batch)
      : key_(key), bytes_(records.bytes), batch_(batch) {
    if (!key_.is_asked()) return;
    if (records.at_input_start && bytes_.starts_with(kByteOrderMark))
      mark_bytes_ = kByteOrderMark.size();
    keys_.resize(kEventBatchCapacity);
    batch_.key = keys_.data();
  }
  BatchKeys(const BatchKeys&) = delete;
  BatchKeys& operator=(const BatchKeys&) = delete;
  ~BatchKeys() { batch_.key = nullptr; }

  bool are_asked() const { return key_.is_asked(); }

  /// Sets the key of the record whose events, a MappedEvent or a MeasuredRecord, are about to join
  /// the batch: of several the first one's. Returns why they must not.
  template <class Events>
  std::optional<MappingFlaw> set_next(const Field* fields, const Events& events,
                                      std::uint64_t offset_bytes, std::uint64_t length_bytes) {
    return set(batch_.size, fields, events, offset_bytes, length_bytes);
  }

  /// Sets the key of an event of the batch.
  template <class Events>
  std::optional<MappingFlaw> set(std::size_t i, const Field* fields, const Events& events,
                                 std::uint64_t offset_bytes, std::uint64_t length_bytes) {
    std::string_view record = bytes_.substr(offset_bytes, length_bytes);
    if (offset_bytes == 0) record.remove_prefix(mark_bytes_);
    return key_.make(fields, events, record, scratch_, keys_[i]);
  }

 private:
  const DedupeKey& key_;
  std::string_view bytes_;
  EventBatch& batch_;
  std::size_t mark_bytes_ = 0;
  std::vector<RecordKey> keys_;
  std::string scratch_;
};

}  // namespace billing
