#pragma once

// An input in any format but `text`, record by record, as usage events or what else they are.

#include <cstddef>
#include <cstdint>
#include <istream>
#include <memory>
#include <optional>
#include <vector>

#include "billing/record_format.h"
#include "billing/reject.h"
#include "naive/duplicates.h"
#include "naive/event_mapping.h"
#include "naive/json_documents.h"
#include "naive/record_stream.h"
#include "naive/value.h"
#include "naive/where.h"

namespace billing::naive {

/// What became of a record.
struct Item {
  enum class Kind : std::uint8_t { event, reject, filtered, blank, directive };
  Kind kind = Kind::blank;
  std::vector<MappedEvent> events = {};          ///< of an event: of one record all
  QuantityRounding rounding = {};                ///< of these events
  std::vector<bool> has_measure = {};            ///< of an event, by measure
  RejectReason reason = RejectReason::too_long;  ///< of a reject
  std::uint32_t column = 1;                      ///< of a reject
  std::size_t filter = 0;                        ///< the expression that drops it
  DuplicateKey key = {};                         ///< of an event, where one is asked for
  RawRecord record = {};
};

/// For one thread.
class RecordReader {
 public:
  /// The stream must outlive it. A record longer than `max_record_bytes` (without its line end) is
  /// rejected as `too_long`. Throws Error(configuration) for what is wrong in the format:
  /// selectors, fields that no record has, units that do not go together, time zones.
  RecordReader(std::istream& stream, const RecordFormat& format, std::uint64_t max_record_bytes);

  /// False behind the last record. Views are valid until the next call.
  bool next(Item& item);

  /// That were read, once next() is false.
  std::uint64_t bytes() const { return bytes_; }
  /// Whether a broken record has ended the input before its end.
  bool is_broken() const { return is_broken_; }

 private:
  void read(Item& item);
  bool drops_record(Item& item) const;
  bool drop_events(Item& item, MappedRecord& record) const;

  bool next_record(RawRecord& record);

  RecordStream stream_;
  std::optional<JsonDocuments> documents_;  ///< of records that are no lines
  std::uint64_t bytes_ = 0;
  bool is_broken_ = false;
  std::uint64_t max_record_bytes_;
  bool is_csv_;
  bool awaits_header_;
  std::unique_ptr<FieldDecoder> decoder_;
  EventMapping mapping_;
  std::vector<Where> wheres_;
  std::vector<Where> meant_;  ///< none: all records are
  KeyRule key_rule_;
};

}  // namespace billing::naive
