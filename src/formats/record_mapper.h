#pragma once

// What formats with a mapping ask of a record: its event, and whether it is wanted at all.

#include "billing/record_format.h"
#include "mapping/dedupe_key.h"
#include "mapping/event_mapper.h"
#include "select/where_filter.h"

namespace billing {

/// As EventMapper; fields() are those of the mapping, of the filters and of the duplicate key.
class RecordMapper : public EventMapper {
 public:
  /// Throws Error(configuration) as EventMapper, WhereFilters and DedupeKey do.
  explicit RecordMapper(const RecordFormat& format)
      : EventMapper(format), filters_(format, field_list()), key_(format, field_list()) {}

  const WhereFilters& filters() const { return filters_; }
  const DedupeKey& key() const { return key_; }

 private:
  WhereFilters filters_;
  DedupeKey key_;
};

}  // namespace billing
