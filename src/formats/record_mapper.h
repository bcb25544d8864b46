#pragma once

// What formats with a mapping ask of a record: its event, and whether it is wanted at all.

#include <cstddef>
#include <string>

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

  /// As EventMapper's, and for the filters.
  void make_of_time(std::size_t place, TimePart part, const std::string& zone) {
    EventMapper::make_of_time(place, part, zone);
    filters_.ask_with_event(place);
  }

  const WhereFilters& filters() const { return filters_; }

 private:
  WhereFilters filters_;
};

}  // namespace billing
