#pragma once

// Fields -> usage event: the mapping of an input, compiled once and asked for each record. It knows
// nothing of quotes, escapes or lines: those are the formats' own.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/utf8.h"
#include "billing/event_batch.h"
#include "billing/record_format.h"
#include "billing/reject.h"
#include "mapping/batch_text.h"
#include "mapping/field.h"
#include "mapping/path_ids.h"
#include "mapping/quantity_reader.h"
#include "mapping/selector.h"
#include "mapping/status_reader.h"
#include "mapping/time_parts.h"
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

/// The events of a record with measures, and what was rounded for each.
struct MeasuredRecord {
  struct Part {
    MappedEvent event;
    QuantityRounding rounding;
  };
  /// Of the measures that the record has and that are not 0. Where all are 0: one of no task.
  std::vector<Part> parts;
  QuantityRounding of_zeros;  ///< of measures that make no event
  /// The numbers of the measures that the record has, also as 0.
  std::vector<std::size_t> present;
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

  /// Says that the field at `place` is made of the event's time: the mapper fills it in. Throws
  /// Error(configuration) where the time is to be made of it.
  void make_of_time(std::size_t place, TimePart part, const std::string& zone);

  /// `fields` are fields().size() of one record. Returns nothing where they make an event. Adds
  /// what was rounded to `rounding`, also of a record that makes none in the end.
  std::optional<MappingFlaw> map(Field* fields, BatchText& texts, MappedEvent& event,
                                 QuantityRounding& rounding) const {
    if (map_quickly(fields, texts, event, rounding)) [[likely]]
      return std::nullopt;
    MappingFlaw flaw;
    if (map_fields(fields, texts, event, flaw) &&
        map_quantity(quantity_, fields, texts, event, flaw, rounding))
      return std::nullopt;
    return flaw;
  }

  /// As map(), of a record whose task is known: a name. False where that is left to map(), as not
  /// all is as it mostly is; then `event` may be anything.
  bool map_with_task(const Field* fields, std::string_view task, MappedEvent& event,
                     QuantityRounding& rounding) const {
    event.task = task;
    return quick_.is_possible && map_all_but_task(fields, event, rounding);
  }

  /// Where the fields stand that records mostly have, so that they are asked for nothing else.
  struct QuickPlaces {
    bool is_possible = false;
    std::size_t time = 0;
    std::size_t user = 0;
    std::size_t other_user = 0;                 ///< where the first is missing
    std::size_t task = Selector::kNoPlace;      ///< none: it is made of several
    std::size_t status = Selector::kNoPlace;    ///< none: records have no status
    std::size_t quantity = Selector::kNoPlace;  ///< none: it is a constant
  };
  const QuickPlaces& quick_places() const { return quick_; }
  /// What reads the fields at these places.
  const TimeReader& quick_time() const { return time_readers_.front(); }
  const QuantityReader& quick_quantity() const { return quantity_.readers[0][0]; }
  /// The constant that is the quantity; nothing where it had to be rounded, which is counted.
  std::optional<std::int64_t> quick_constant() const {
    if (quantity_.roundings.front().count > 0) return std::nullopt;
    return quantity_.constants.front();
  }

  /// The places of a request's method and path, in whose texts ids may be folded.
  struct RequestTask {
    std::size_t method;
    std::size_t path;
    bool folds_ids;
  };
  /// Where the task is these two with a space between, and nothing else is made of them.
  std::optional<RequestTask> request_task() const;

  /// Whether a record makes events by measures, and map_measures() is to be asked.
  bool has_measures() const { return !measures_.empty(); }
  std::size_t measure_count() const { return measures_.size(); }

  /// As map(), of a record with measures.
  std::optional<MappingFlaw> map_measures(Field* fields, BatchText& texts,
                                          MeasuredRecord& record) const;

  /// The task's place in the record: see MappingFlaw::at.
  std::uint32_t task_at(Field* fields, BatchText& texts) const {
    Field made;
    MappedEvent event;
    MappingFlaw flaw;
    if (time_parts_ && map_time(fields, texts, event.time_ns, flaw))
      fill_time_parts(event.time_ns, fields, texts);
    return choose(task_, fields, texts, made).field->at;
  }

 private:
  void find_quick_places();
  /// Of a text, which has at least one byte.
  static bool is_quick_name(std::string_view name) {
    return name.front() != ' ' && name.back() != ' ' && is_valid_name(name);
  }

  // These are false where a closer look is needed.
  bool map_all_but_task(const Field* fields, MappedEvent& event, QuantityRounding& rounding) const {
    const Field& time = fields[quick_.time];
    const Field& first = fields[quick_.user];
    const Field& user = first.is_missing() ? fields[quick_.other_user] : first;
    if (time.kind != Field::Kind::text || user.kind != Field::Kind::text ||
        !is_quick_name(user.text) || !time_readers_.front().read(time.text, event.time_ns))
      return false;
    event.user = user.text;
    event.status = kNoStatus;
    if (quick_.status != Selector::kNoPlace) {
      const Field& status = fields[quick_.status];
      if (status.kind != Field::Kind::text || !read_status(status.text, event.status)) return false;
    }
    return map_quantity_quickly(fields, event, rounding);  // last: what it rounds is counted
  }

  bool map_quantity_quickly(const Field* fields, MappedEvent& event,
                            QuantityRounding& rounding) const {
    if (quick_.quantity == Selector::kNoPlace) {
      event.quantity = quantity_.constants.front();
      rounding += quantity_.roundings.front();
      return true;
    }
    const Field& quantity = fields[quick_.quantity];
    return quantity.kind == Field::Kind::text &&
           quantity_.readers[0][0].read(quantity.text, event.quantity, &rounding) ==
               QuantityReader::Result::good;
  }

  bool map_quickly(const Field* fields, BatchText& texts, MappedEvent& event,
                   QuantityRounding& rounding) const {
    if (!quick_.is_possible) return false;
    if (quick_.task == Selector::kNoPlace) {
      MappingFlaw flaw;
      return map_name(task_, RejectReason::bad_task, fields, texts, event.task, flaw) &&
             map_all_but_task(fields, event, rounding);
    }
    const Field& task = fields[quick_.task];
    event.task = task.text;
    return task.kind == Field::Kind::text && is_quick_name(task.text) &&
           map_all_but_task(fields, event, rounding);
  }

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
  bool map_fields(Field* fields, BatchText& texts, MappedEvent& event, MappingFlaw& flaw) const;
  void fill_time_parts(std::int64_t time_ns, Field* fields, BatchText& texts) const;
  bool map_time(const Field* fields, BatchText& texts, std::int64_t& ns, MappingFlaw& flaw) const;
  bool map_name(const Selector& selector, RejectReason reason, const Field* fields,
                BatchText& texts, std::string_view& name, MappingFlaw& flaw) const;
  bool map_status(const Field* fields, BatchText& texts, std::uint16_t& status,
                  MappingFlaw& flaw) const;

  /// A selector of quantities with what reads them.
  struct QuantityPart {
    Selector selector;
    std::vector<std::vector<QuantityReader>> readers;  ///< by alternative; of a sum by term
    std::vector<std::int64_t> constants;               ///< by alternative; of constants alone
    std::vector<QuantityRounding> roundings;           ///< of the constants
    std::vector<bool> is_list_of_servers;              ///< by alternative
  };
  struct MeasurePart {
    std::string suffix;  ///< of its task: `.NAME`
    QuantityPart quantity;
  };
  enum class Found : std::uint8_t { good, bad, missing };
  /// Where a quantity is read to, and what of it is told besides.
  struct QuantityResult {
    std::int64_t& quantity;
    QuantityRounding& rounding;
    std::uint32_t at = 0;      ///< of what is missing or bad
    bool is_stand_in = false;  ///< a constant, as the fields before it are missing
  };

  QuantityPart make_quantity(std::string_view setting, const std::string& selector,
                             const RecordFormat& format, const UnitOfField& unit_of);
  bool map_quantity(const QuantityPart& part, const Field* fields, BatchText& texts,
                    MappedEvent& event, MappingFlaw& flaw, QuantityRounding& rounding) const {
    QuantityResult result{event.quantity, rounding};
    const Found found = find_quantity(part, fields, texts, result);
    event.is_without_quantity = result.is_stand_in;
    if (found == Found::good) return true;
    flaw = {RejectReason::bad_quantity, result.at};
    return false;
  }
  Found find_quantity(const QuantityPart& part, const Field* fields, BatchText& texts,
                      QuantityResult& result) const;
  static Found read_list(std::string_view list, const QuantityReader& reader,
                         QuantityResult& result);
  static Found read_sum(const Alternative& sum, const std::vector<QuantityReader>& readers,
                        const Field* fields, QuantityResult& result);

  FieldList fields_;
  Selector time_;
  Selector user_;
  Selector task_;
  Selector status_;
  QuantityPart quantity_;  ///< unless there are measures
  std::vector<MeasurePart> measures_;
  std::vector<TimeReader> time_readers_;  ///< by alternative
  std::optional<TimeParts> time_parts_;
  std::vector<PathPattern> patterns_;
  bool folds_ids_;
  QuickPlaces quick_;
};

}  // namespace billing
