#include "naive/event_mapping.h"

#include <algorithm>
#include <string_view>

#include "billing/error.h"
#include "naive/ascii.h"
#include "naive/unicode.h"

namespace billing::naive {
namespace {

constexpr const char* kNoName = "-";

/// The kind of a field that has one of its own, else the one that tells by the text.
std::string_view default_time_kind(const Source& source, bool is_web) {
  const FieldName* const field = only_field(source);
  if (is_web && field && source.piece == Source::Piece::whole) {
    if (field->name == "time_local") return "clf";
    if (field->name == "time_iso8601") return "rfc3339";
    if (field->name == "msec") return "unix";
  }
  return "auto";
}

/// Task and status may lack altogether.
Selector optional_selector(std::string_view setting, std::string_view text) {
  return text.empty() ? Selector{true, {}} : parse_selector(setting, text);
}

bool has_outer_space(std::string_view text) { return text.starts_with(' ') || text.ends_with(' '); }

bool is_name_of_fields(const Value& value) {
  return value.kind == Value::Kind::text && is_name(value.text) && !has_outer_space(value.text);
}

}  // namespace

EventMapping::EventMapping(const FieldDecoder& decoder, const RecordFormat& format)
    : values_(decoder, format),
      input_zone_(format.input_timezone, "input-timezone"),
      paths_(format.folds_ids, format.task_patterns),
      time_(parse_time_selector(format.mapping.time)),
      user_(parse_selector("user", format.mapping.user)),
      task_(optional_selector("task", format.mapping.task)),
      status_(optional_selector("status-from", format.mapping.status)) {
  if (format.measures.empty())
    quantity_.emplace("quantity", format.mapping.quantity, format, values_);
  for (const Measure& measure : format.measures) {
    measures_.emplace_back(measure.name,
                           QuantityRule("measure", measure.quantity, format, values_));
  }
  values_.check("time", time_);
  values_.check("user", user_);
  values_.check("task", task_);
  values_.check("status-from", status_);
  const bool is_web = format.family == FormatFamily::web;
  for (const Alternative& alternative : time_.alternatives) {
    const Source& source = alternative.front();
    time_forms_.push_back(
        make_time_form(source.suffix.empty() ? default_time_kind(source, is_web) : source.suffix));
  }
}

/// The first alternative that is not missing, else what the first one is.
EventMapping::Found EventMapping::find(const Selector& selector, const TaskPaths* paths) const {
  for (std::size_t i = 0; i < selector.alternatives.size(); ++i) {
    Value value = values_.value(selector.alternatives[i].front(), paths);
    if (!value.is_missing()) return {value, i};
  }
  return {values_.value(selector.alternatives.front().front(), paths), 0};
}

std::variant<MappedRecord, Flaw> EventMapping::map() {
  MappedEvent event;
  if (const auto flaw = map_time(event)) return *flaw;
  if (const auto flaw = map_user(event)) return *flaw;
  if (const auto flaw = map_task(event)) return *flaw;
  if (const auto flaw = map_status(event)) return *flaw;
  MappedRecord record;
  if (!measures_.empty()) {
    if (const auto flaw = map_measures(event, record)) return *flaw;
    return record;
  }
  if (const auto flaw = map_quantity(event)) return *flaw;
  record.events.push_back(std::move(event));
  return record;
}

std::optional<Flaw> EventMapping::map_time(MappedEvent& event) {
  values_.set_time(std::nullopt, 1);
  if (time_.is_none) return std::nullopt;
  const auto [value, place] = find(time_);
  const Flaw flaw{RejectReason::bad_time, value.column};
  if (value.kind != Value::Kind::text) return flaw;
  const auto time_ns = time_forms_[place]->parse_ns(value.text, input_zone_);
  if (!time_ns) return flaw;
  event.time_ns = *time_ns;
  values_.set_time(time_ns, value.column);
  return std::nullopt;
}

std::optional<Flaw> EventMapping::map_user(MappedEvent& event) const {
  event.user = kNoName;
  if (user_.is_none) return std::nullopt;
  const Value value = find(user_).value;
  if (!is_name_of_fields(value)) return Flaw{RejectReason::bad_user, value.column};
  event.user = value.text;
  return std::nullopt;
}

std::optional<Flaw> EventMapping::map_task(MappedEvent& event) const {
  event.task = kNoName;
  if (task_.is_none) return std::nullopt;
  auto [value, place] = find(task_, &paths_);
  event.task_column = value.column;
  if (value.is_missing()) return std::nullopt;
  const bool is_composed = task_.alternatives[place].front().kind == Source::Kind::composed;
  if (is_composed && is_clean_text(value.text) && !has_outer_space(value.text)) {
    // The name of a measure belongs to what is shortened.
    if (measures_.empty()) value.text = shortened_task(value.text);
    event.task = value.text;
    if (!measures_.empty()) return std::nullopt;
  }
  if (!is_name_of_fields(value)) return Flaw{RejectReason::bad_task, value.column};
  event.task = value.text;
  return std::nullopt;
}

std::optional<Flaw> EventMapping::map_status(MappedEvent& event) const {
  if (status_.is_none) return std::nullopt;
  const Value value = find(status_).value;
  if (value.is_missing()) return std::nullopt;
  const Flaw flaw{RejectReason::bad_status, value.column};
  if (value.kind == Value::Kind::composite) return flaw;
  if (value.text == "-" || value.text == "-1") return std::nullopt;
  constexpr std::size_t kMostDigits = 3;
  const std::string_view text = value.text;
  if (text.size() > kMostDigits || !std::all_of(text.begin(), text.end(), is_digit)) return flaw;
  event.status = static_cast<std::uint16_t>(number(text));
  return std::nullopt;
}

std::optional<Flaw> EventMapping::map_quantity(MappedEvent& event) const {
  const Quantity quantity = quantity_->of(values_);
  if (!quantity.value) return Flaw{RejectReason::bad_quantity, quantity.column};
  event.quantity = *quantity.value;
  event.rounding = quantity.rounding;
  event.is_without_quantity = quantity.is_stand_in;
  return std::nullopt;
}

/// An event for each that is there and not 0.
std::optional<Flaw> EventMapping::map_measures(const MappedEvent& event,
                                               MappedRecord& record) const {
  std::optional<Flaw> flaw;
  bool has_any = false;
  for (const auto& [name, rule] : measures_) {
    const Quantity quantity = rule.of(values_);
    if (!quantity.value && !quantity.is_missing)
      return Flaw{RejectReason::bad_quantity, quantity.column};
    if (!flaw) flaw = Flaw{RejectReason::bad_quantity, quantity.column};
    record.has_measure.push_back(!quantity.is_missing);
    if (quantity.is_missing) continue;
    has_any = true;
    if (*quantity.value == 0) {
      record.of_zeros += quantity.rounding;
      continue;
    }
    MappedEvent& one = record.events.emplace_back(event);
    one.task = shortened_task(event.task + "." + name);
    one.quantity = *quantity.value;
    one.rounding = quantity.rounding;
  }
  if (!has_any) return flaw;
  if (record.events.empty()) record.events.emplace_back(event).task.clear();
  return std::nullopt;
}

}  // namespace billing::naive
