#pragma once

// What formats with a mapping ask of a record: its event, and whether it is wanted at all.

#include <cstddef>
#include <stdexcept>
#include <string>

#include "billing/record_format.h"
#include "mapping/dedupe_key.h"
#include "mapping/event_mapper.h"
#include "mapping/kept_fields.h"
#include "select/where_filter.h"

namespace billing {

/// As EventMapper; fields() are those of the mapping, of the filters, of the duplicate key, and
/// those that are kept.
class RecordMapper : public EventMapper {
 public:
  /// Throws Error(configuration) as EventMapper, WhereFilters, DedupeKey and KeptFields do.
  explicit RecordMapper(const RecordFormat& format, const UnitOfField& unit_of = nullptr)
      : EventMapper(format, unit_of),
        filters_(format, field_list()),
        meant_(only_meant(format), field_list()),
        key_(format, field_list()),
        kept_(format, field_list()) {
    demand_fields_alone();
  }

  /// As EventMapper's, and for the filters.
  void make_of_time(std::size_t place, TimePart part, const std::string& zone) {
    EventMapper::make_of_time(place, part, zone);
    filters_.ask_with_event(place);
    meant_.ask_with_event(place);
    demand_fields_alone();
  }

  /// Whether every record is to become one event, with nothing else asked of it.
  bool is_plain() const {
    return filters_.size() == 0 && meant_.size() == 0 && !key_.is_asked() && kept_.count() == 0 &&
           !has_measures();
  }

  const WhereFilters& filters() const { return filters_; }
  const DedupeKey& key() const { return key_; }
  const KeptFields& kept() const { return kept_; }

  /// Whether a record is one at all: see RecordFormat::meant_records.
  bool is_meant(const Field* fields) const {
    return meant_.size() == 0 || meant_.dropped_by_fields(fields) == WhereFilters::kNone;
  }

 private:
  /// Which records are meant is asked before there is an event.
  void demand_fields_alone() const {
    if (meant_.need_event())
      throw std::invalid_argument("RecordFormat::meant_records names what only events have");
  }

  static RecordFormat only_meant(RecordFormat format) {
    format.where.clear();
    if (!format.meant_records.empty()) format.where.push_back(format.meant_records);
    return format;
  }

  WhereFilters filters_;
  WhereFilters meant_;
  DedupeKey key_;
  KeptFields kept_;
};

}  // namespace billing
