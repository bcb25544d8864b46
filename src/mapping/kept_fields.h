#pragma once

// Fields that a host wants beside the event of each record (RecordFormat::kept_fields): parsed
// once, and asked for each record.

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "billing/record_format.h"
#include "mapping/batch_text.h"
#include "mapping/event_mapper.h"
#include "mapping/field.h"
#include "mapping/selector.h"

namespace billing {

/// Immutable after construction; may be used by any number of threads, each with texts of its own.
class KeptFields {
 public:
  /// Adds the fields of records that are wanted to `fields`. Throws Error(configuration) that says
  /// which selector is wrong, and why, and std::invalid_argument for a format with measures, of
  /// which a record may make several events.
  KeptFields(const RecordFormat& format, FieldList& fields);

  std::size_t count() const { return selectors_.size(); }

  /// Puts count() values of a record there; of one that is missing, the data is null. They are
  /// valid as the fields are, or as the texts are. Returns the flaw of a record that has an object
  /// or a list in place of a value.
  std::optional<MappingFlaw> find(const Field* fields, BatchText& texts,
                                  std::string_view* values) const;

 private:
  std::vector<Selector> selectors_;
};

}  // namespace billing
