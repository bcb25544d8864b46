#pragma once

// By what records are known to be duplicates of each other (`--dedupe-by`): parsed once, and asked
// for each event.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "billing/event_batch.h"
#include "billing/record_format.h"
#include "mapping/event_mapper.h"
#include "mapping/field.h"
#include "mapping/selector.h"

namespace billing {

/// Immutable after construction; may be used by any number of threads.
class DedupeKey {
 public:
  /// Adds the fields of records that the key is made of to `fields`; of `text`, whose records have
  /// no fields but the event's, there are none. Throws Error(configuration) that says what is wrong
  /// with format.dedupe.
  DedupeKey(const RecordFormat& format, FieldList& fields);

  /// Whether there is a key at all; nothing else is to be called where there is none.
  bool is_asked() const { return is_record_ || !parts_.empty(); }

  /// The key of an event and of the fields it was made of; `record` is all of its record. It is
  /// kNoKey where a part is missing and that is allowed. `scratch` is the caller's, for speed.
  /// Returns what is wrong where there is no key.
  std::optional<MappingFlaw> make(const Field* fields, const MappedEvent& event,
                                  std::string_view record, std::string& scratch,
                                  RecordKey& key) const;
  /// The same of a record with measures, whose `task` and `quantity` are those of all its events.
  std::optional<MappingFlaw> make(const Field* fields, const MeasuredRecord& measured,
                                  std::string_view record, std::string& scratch,
                                  RecordKey& key) const;

 private:
  /// Of one record.
  struct Events {
    const MappedEvent& first;
    const MeasuredRecord* measured;  ///< null where there is one event
  };

  enum class Source : std::uint8_t { field, joined, time, user, task, status, quantity };

  struct Part {
    Source source;
    FieldUse field = {};
    std::vector<TemplatePart> joined = {};
  };

  Part parse(std::string_view text, const RecordFormat& format, FieldList& fields) const;
  std::string_view without_ends(std::string_view record) const;
  std::optional<MappingFlaw> make_of(const Field* fields, const Events& events,
                                     std::string_view record, std::string& scratch,
                                     RecordKey& key) const;
  static Field value_of(const Part& part, const Field* fields, const Events& events,
                        std::string& text);
  static Field join(const std::vector<TemplatePart>& parts, const Field* fields, std::string& text);

  bool is_record_ = false;
  bool keeps_missing_ = false;
  char separator_ = 0;  ///< of a table: no space around its records
  std::vector<Part> parts_;
};

}  // namespace billing
