#pragma once

// From the fields of a record to a usage event.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "billing/record_format.h"
#include "naive/local_zone.h"
#include "naive/quantity_rule.h"
#include "naive/record_values.h"
#include "naive/selector.h"
#include "naive/task_path.h"
#include "naive/time_forms.h"

namespace billing::naive {

struct MappedEvent {
  std::int64_t time_ns = 0;
  std::string user;
  std::string task;
  std::uint16_t status = 0;  ///< 0: none
  std::int64_t quantity = 0;
  std::uint32_t task_column = 1;
  QuantityRounding rounding = {};
  bool is_without_quantity = false;
};

/// What a record comes to: one event; with measures as many as are not 0, or one of no task.
struct MappedRecord {
  std::vector<MappedEvent> events;
  QuantityRounding of_zeros = {};      ///< of measures that make no event
  std::vector<bool> has_measure = {};  ///< by measure
};

class EventMapping {
 public:
  /// `decoder` must outlive it. Throws Error(configuration) for what is wrong in the mapping.
  EventMapping(const FieldDecoder& decoder, const RecordFormat& format);

  /// Of the record that was decoded last.
  std::variant<MappedRecord, Flaw> map();

  /// What selectors find in that record.
  const RecordValues& values() const { return values_; }

 private:
  /// What an alternative of a selector found.
  struct Found {
    Value value;
    std::size_t place;  ///< of the alternative
  };

  Found find(const Selector& selector, const TaskPaths* paths = nullptr) const;
  std::optional<Flaw> map_time(MappedEvent& event);
  std::optional<Flaw> map_user(MappedEvent& event) const;
  std::optional<Flaw> map_task(MappedEvent& event) const;
  std::optional<Flaw> map_status(MappedEvent& event) const;
  std::optional<Flaw> map_quantity(MappedEvent& event) const;
  std::optional<Flaw> map_measures(const MappedEvent& event, MappedRecord& record) const;

  RecordValues values_;
  LocalZone input_zone_;
  TaskPaths paths_;
  Selector time_;
  std::vector<std::unique_ptr<const TimeForm>> time_forms_;  // as its alternatives
  Selector user_;
  Selector task_;
  Selector status_;
  std::optional<QuantityRule> quantity_;  // unless there are measures
  std::vector<std::pair<std::string, QuantityRule>> measures_;
};

}  // namespace billing::naive
