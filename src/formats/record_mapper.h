#pragma once

// What formats with a mapping ask of a record: its event, and whether it is wanted at all.

#include "billing/record_format.h"
#include "mapping/event_mapper.h"
#include "select/where_filter.h"

namespace billing {

/// As EventMapper; fields() are those of the mapping and of the filters.
class RecordMapper : public EventMapper {
 public:
  /// Throws Error(configuration) as EventMapper and WhereFilters do.
  explicit RecordMapper(const RecordFormat& format)
      : EventMapper(format), filters_(format, field_list()) {}

  const WhereFilters& filters() const { return filters_; }

 private:
  WhereFilters filters_;
};

}  // namespace billing
