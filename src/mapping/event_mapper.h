#pragma once

// Fields -> usage event: the mapping of an input, compiled once and asked for each record. It knows
// nothing of quotes, escapes or lines: those are the formats' own.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "billing/record_format.h"
#include "billing/reject.h"
#include "mapping/batch_text.h"
#include "mapping/field.h"
#include "mapping/path_ids.h"
#include "mapping/quantity_reader.h"
#include "mapping/selector.h"
#include "mapping/time_reader.h"

namespace billing {

/// What a record's fields say. The names are valid as the fields are, or as the texts are that they
/// were joined in.
struct MappedEvent {
  std::int64_t time_ns = 0;
  std::string_view user;
  std::string_view task;
  std::int64_t quantity = 0;
  std::uint16_t status = 0;
  bool is_without_quantity = false;  ///< it is a constant, as the fields before it are missing
};

/// Why a record is no event, and the 0-based byte of the record that shows it.
struct MappingFlaw {
  RejectReason reason = RejectReason::bad_record;
  std::uint32_t at = 0;
};

/// The unit that a field's definition tells (`us` of Apache's `%D`), for selectors that tell none;
/// else empty.
using UnitOfField = std::function<std::string(const std::string& name)>;

/// Immutable after construction; may be used by any number of threads, each with texts of its own.
class EventMapper {
 public:
  /// Throws Error(configuration) that names the selector which is wrong, and why.
  explicit EventMapper(const RecordFormat& format, const UnitOfField& unit_of = nullptr);

  /// The fields that map() wants, in this order.
  const std::vector<FieldName>& fields() const { return fields_.names(); }
  /// For who needs more fields of the same records: they stand behind those of the mapping.
  FieldList& field_list() { return fields_; }

  /// `fields` are fields().size() of one record. Returns nothing where they make an event.
  std::optional<MappingFlaw> map(const Field* fields, BatchText& texts, MappedEvent& event) const {
    MappingFlaw flaw;
    if (map_fields(fields, texts, event, flaw)) return std::nullopt;
    return flaw;
  }

  /// The task's place in the record: see MappingFlaw::at.
  std::uint32_t task_at(const Field* fields, BatchText& texts) const {
    Field made;
    return choose(task_, fields, texts, made).field->at;
  }

 private:
  /// The value of the first alternative that is there, or a missing one.
  struct Choice {
    const Field* field;
    std::size_t alternative = 0;
  };

  /// `made` is room for a field that is none of the record's.
  Choice choose(const Selector& selector, const Field* fields, BatchText& texts,
                Field& made) const {
    if (selector.plain_place != Selector::kNoPlace &&
        fields[selector.plain_place].kind == Field::Kind::text) [[likely]]
      return {&fields[selector.plain_place], 0};
    return choose_among(selector, fields, texts, made);
  }
  Choice choose_among(const Selector& selector, const Field* fields, BatchText& texts,
                      Field& made) const;
  Field join(const std::vector<TemplatePart>& parts, const Field* fields, BatchText& texts) const;
  std::string_view folded(std::string_view path, BatchText& texts) const;
  // These return whether all is well, or what is not. A processor waits for an optional flaw that
  // comes back in memory.
  bool map_fields(const Field* fields, BatchText& texts, MappedEvent& event,
                  MappingFlaw& flaw) const;
  bool map_time(const Field* fields, BatchText& texts, std::int64_t& ns, MappingFlaw& flaw) const;
  bool map_name(const Selector& selector, RejectReason reason, const Field* fields,
                BatchText& texts, std::string_view& name, MappingFlaw& flaw) const;
  bool map_status(const Field* fields, BatchText& texts, std::uint16_t& status,
                  MappingFlaw& flaw) const;
  bool map_quantity(const Field* fields, BatchText& texts, MappedEvent& event,
                    MappingFlaw& flaw) const;
  bool map_quantity_among(const Field* fields, BatchText& texts, MappedEvent& event,
                          MappingFlaw& flaw) const;
  enum class SumResult : std::uint8_t { good, bad, missing };
  static SumResult read_list(std::string_view list, const QuantityReader& reader,
                             std::int64_t& quantity);
  SumResult read_sum(const Alternative& sum, const std::vector<QuantityReader>& readers,
                     const Field* fields, std::int64_t& quantity, std::uint32_t& at) const;

  FieldList fields_;
  Selector time_;
  Selector user_;
  Selector task_;
  Selector status_;
  Selector quantity_;
  std::vector<TimeReader> time_readers_;  ///< by alternative
  /// By alternative, of a sum one for each term.
  std::vector<std::vector<QuantityReader>> quantity_readers_;
  std::vector<std::int64_t> quantity_constants_;  ///< by alternative; of constants alone
  std::vector<bool> is_list_of_servers_;          ///< by alternative
  std::vector<PathPattern> patterns_;
  bool folds_ids_;
};

}  // namespace billing
