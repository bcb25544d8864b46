// The quantities of an EventMapper: one of a record, or one for each measure.

#include <algorithm>
#include <string>

#include "base/escape_text.h"
#include "base/split_list.h"
#include "billing/error.h"
#include "mapping/event_mapper.h"
#include "mapping/task_name.h"

namespace billing {

EventMapper::QuantityPart EventMapper::make_quantity(std::string_view setting,
                                                     const std::string& selector,
                                                     const RecordFormat& format,
                                                     const UnitOfField& unit_of) {
  QuantityPart part;
  part.selector = parse_selector(setting, selector, SelectorUse::quantity, fields_);
  const QuantityNotation notation{.has_exponents = traits_of(format.family).has_exponents,
                                  .decimal_comma = format.decimal_comma};
  for (const Alternative& alternative : part.selector.alternatives) {
    auto& readers = part.readers.emplace_back();
    std::int64_t& constant = part.constants.emplace_back();
    QuantityRounding& rounding = part.roundings.emplace_back();
    part.is_list_of_servers.push_back(
        format.family == FormatFamily::web && alternative.kind == Alternative::Kind::field &&
        alternative.field.piece == FieldUse::Piece::all &&
        fields_.names()[alternative.field.place].name.starts_with("upstream_"));
    const auto add = [&](const std::string& unit, const FieldUse* field) {
      const bool is_told = field == nullptr || !unit.empty() || !unit_of;
      readers.emplace_back(is_told ? unit : unit_of(fields_.names()[field->place].name),
                           format.quantity, format.excess_digits, notation);
    };
    if (alternative.kind == Alternative::Kind::sum) {
      for (const Term& term : alternative.terms) add(term.unit, &term.field);
      continue;
    }
    const bool is_field = alternative.kind == Alternative::Kind::field;
    add(alternative.suffix, is_field ? &alternative.field : nullptr);
    if (alternative.kind != Alternative::Kind::constant) continue;
    if (readers.back().read(alternative.constant, constant, &rounding) !=
        QuantityReader::Result::good) {
      throw Error(ErrorKind::configuration, std::string(1, kSettingMark) + std::string(setting) +
                                                ": " + quoted_text(alternative.constant) +
                                                " is no quantity in " + format.quantity.unit +
                                                " with " + std::to_string(format.quantity.digits) +
                                                " decimal digits");
    }
  }
  return part;
}

EventMapper::Found EventMapper::find_quantity(const QuantityPart& part, const Field* fields,
                                              BatchText& texts, QuantityResult& result) const {
  std::uint32_t missing_at = 0;
  for (std::size_t i = 0; i < part.selector.alternatives.size(); ++i) {
    const Alternative& alternative = part.selector.alternatives[i];
    const QuantityReader& reader = part.readers[i][0];
    Found found = Found::bad;
    if (alternative.kind == Alternative::Kind::constant) {
      result.quantity = part.constants[i];
      result.rounding += part.roundings[i];
      result.is_stand_in = i > 0;
      found = Found::good;
    } else if (alternative.kind == Alternative::Kind::sum) {
      found = read_sum(alternative, part.readers[i], fields, result);
    } else {
      const Field field = alternative.kind == Alternative::Kind::field
                              ? used(alternative.field, fields)
                              : join(alternative.parts, fields, texts);
      result.at = field.at;
      const bool is_text = field.kind == Field::Kind::text;
      if (field.is_missing()) {
        found = Found::missing;
      } else if (is_text && part.is_list_of_servers[i]) {
        found = read_list(field.text, reader, result);
      }
      if (is_text && found == Found::bad &&
          reader.read(field.text, result.quantity, &result.rounding) ==
              QuantityReader::Result::good)
        found = Found::good;
    }
    if (found != Found::missing) return found;
    if (i == 0) missing_at = result.at;
  }
  result.at = missing_at;
  return Found::missing;
}

/// `0.010, 0.020 : -`: a number for each server that was asked, `-` where none answered.
EventMapper::Found EventMapper::read_list(std::string_view list, const QuantityReader& reader,
                                          QuantityResult& result) {
  ExactDecimal total;
  bool is_missing = true;
  while (true) {
    const std::size_t end = std::min(list.find_first_of(",:"), list.size());
    const std::string_view piece = trimmed(list.substr(0, end), " \t");
    if (piece != "-") {
      ExactDecimal part;
      if (!reader.read_exact(piece, part) || !total.add(part)) return Found::bad;
      is_missing = false;
    }
    if (end == list.size()) break;
    list.remove_prefix(end + 1);
  }
  if (is_missing) return Found::missing;
  const bool is_good =
      reader.finish(total, result.quantity, &result.rounding) == QuantityReader::Result::good;
  return is_good ? Found::good : Found::bad;
}

/// Parts are added up exactly; digits and bounds are looked at of what they come to. The place is
/// that of the part that is missing or bad.
EventMapper::Found EventMapper::read_sum(const Alternative& sum,
                                         const std::vector<QuantityReader>& readers,
                                         const Field* fields, QuantityResult& result) {
  ExactDecimal total;
  for (std::size_t i = 0; i < sum.terms.size(); ++i) {
    const Field field = used(sum.terms[i].field, fields);
    if (i == 0 || field.kind != Field::Kind::text) result.at = field.at;
    if (field.is_missing()) return Found::missing;
    ExactDecimal part;
    if (field.kind != Field::Kind::text || !readers[i].read_exact(field.text, part)) {
      result.at = field.at;
      return Found::bad;
    }
    if (sum.terms[i].is_subtracted) part.negate();
    if (!total.add(part)) return Found::bad;
  }
  const bool is_good =
      readers[0].finish(total, result.quantity, &result.rounding) == QuantityReader::Result::good;
  return is_good ? Found::good : Found::bad;
}

std::optional<MappingFlaw> EventMapper::map_measures(Field* fields, BatchText& texts,
                                                     MeasuredRecord& record) const {
  record.parts.clear();
  record.present.clear();
  record.of_zeros = {};
  MappedEvent event;
  MappingFlaw flaw;
  if (!map_fields(fields, texts, event, flaw)) return flaw;
  std::optional<std::uint32_t> missing_at;
  for (std::size_t i = 0; i < measures_.size(); ++i) {
    const MeasurePart& measure = measures_[i];
    QuantityRounding rounding;
    QuantityResult result{event.quantity, rounding};
    const Found found = find_quantity(measure.quantity, fields, texts, result);
    if (found == Found::bad) return MappingFlaw{RejectReason::bad_quantity, result.at};
    if (found == Found::missing) {
      if (!missing_at) missing_at = result.at;
      continue;
    }
    record.present.push_back(i);
    if (event.quantity == 0) {
      record.of_zeros += rounding;
      continue;
    }
    MappedEvent& one = record.parts.emplace_back(MeasuredRecord::Part{event, rounding}).event;
    one.task = measured_task(event.task, measure.suffix, texts);
  }
  if (record.present.empty()) return MappingFlaw{RejectReason::bad_quantity, *missing_at};
  if (record.parts.empty()) {
    event.task = {};
    event.quantity = 0;
    record.parts.emplace_back(MeasuredRecord::Part{event, {}});
  }
  return std::nullopt;
}

}  // namespace billing
