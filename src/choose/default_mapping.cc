#include "choose/default_mapping.h"

#include <algorithm>
#include <initializer_list>

#include "base/escape_text.h"
#include "billing/error.h"
#include "formats/web_fields.h"
#include "mapping/quantity_unit.h"
#include "mapping/selector.h"
#include "mapping/time_parts.h"

namespace billing {
namespace {

/// A field of a definition, or what can be derived from its fields.
bool has_field(const WebDefinition& definition, std::string_view name) {
  const auto holds = [&](std::string_view wanted) {
    return std::any_of(definition.fields.begin(), definition.fields.end(),
                       [wanted](const WebField& field) { return field.name == wanted; });
  };
  if (holds(name)) return true;
  const auto rows = derived_fields();
  return std::any_of(rows.begin(), rows.end(), [&](const DerivedField& row) {
    return row.name == name && holds(row.source);
  });
}

constexpr const char* kCalls = "calls";

/// What a rate is per where only this quantity is known.
std::string unit_of(const RecordFormat& format, std::string_view setting,
                    const std::string& quantity) {
  FieldList fields;
  const Selector selector = parse_selector(setting, quantity, SelectorUse::quantity, fields);
  const Alternative& first = selector.alternatives.front();
  const bool is_sum = first.kind == Alternative::Kind::sum;
  std::string suffix = is_sum ? first.terms.front().unit : first.suffix;
  if (suffix.empty() && format.family == FormatFamily::web &&
      (is_sum || first.kind == Alternative::Kind::field)) {
    const FieldUse& use = is_sum ? first.terms.front().field : first.field;
    suffix = told_unit(parse_web_definition(format.definition), fields.names()[use.place].name);
  }
  if (first.kind == Alternative::Kind::constant) return kCalls;
  const bool is_duration_ms = first.kind == Alternative::Kind::field &&
                              fields.names()[first.field.place].name == "duration_ms";
  if (is_duration_ms || suffix == "auto" || is_time_unit(suffix)) return "ms";
  return is_size_unit(suffix) ? "B" : "units";
}

}  // namespace

FieldMapping web_mapping(const WebDefinition& definition) {
  FieldMapping mapping;
  for (const std::string_view time : {"time_local", "time_iso8601", "msec"}) {
    if (mapping.time.empty() && has_field(definition, time)) mapping.time = time;
  }
  for (const std::string_view user : {"remote_user", "remote_addr"}) {
    if (!has_field(definition, user)) continue;
    mapping.user += (mapping.user.empty() ? "" : ",") + std::string(user);
  }
  const bool has_method = has_field(definition, "request_method");
  const bool has_path = has_field(definition, "path");
  mapping.task = has_method && has_path ? "$request_method $path" : has_path ? "path" : "none";
  mapping.status = has_field(definition, "status") ? "status" : "none";
  mapping.quantity = "1";
  for (const WebField& field : definition.fields) {
    if (field.name != "request_time") continue;
    mapping.quantity = "request_time:" + (field.unit.empty() ? "s" : field.unit);
    break;
  }
  return mapping;
}

FieldMapping w3c_mapping(const std::function<bool(std::string_view column)>& has) {
  FieldMapping mapping;
  if (has("date") && has("time")) mapping.time = "$date $time";
  if (has("c-ip")) mapping.user = "c-ip";
  const bool has_path = has("cs-uri-stem");
  mapping.task = has("cs-method") && has_path ? "$request_method $path"
                 : has_path                   ? "path"
                                              : "none";
  mapping.status = has("sc-status") ? "sc-status" : "none";
  mapping.quantity = "1";
  return mapping;
}

FieldMapping named_mapping(const std::vector<std::string>* columns) {
  const auto has = [columns](std::string_view name) {
    return columns == nullptr ||
           std::find(columns->begin(), columns->end(), name) != columns->end();
  };
  FieldMapping mapping;
  if (has("time")) mapping.time = "time";
  if (has("user")) mapping.user = "user";
  mapping.task = has("task") ? "task" : "none";
  mapping.status = has("status") ? "status" : "none";
  if (has("duration_ms")) {
    mapping.quantity = "duration_ms";
  } else if (has("quantity")) {
    mapping.quantity = "quantity";
  }
  return mapping;
}

std::string default_unit_of(const RecordFormat& format) {
  if (format.measures.empty()) return unit_of(format, "quantity", format.mapping.quantity);
  const Measure* decides = nullptr;
  std::string unit = kCalls;
  for (const Measure& measure : format.measures) {
    const std::string own = unit_of(format, "measure", measure.quantity);
    if (own == kCalls) continue;  // a number is one in any unit
    if (decides != nullptr && own != unit) {
      std::string message = "\1measure: " + quoted_text(decides->name) + " is in ";
      message.append(unit).append(", ").append(quoted_text(measure.name)).append(" in ");
      message.append(own).append("; a bill has one unit: say which by \1unit");
      throw Error(ErrorKind::configuration, message);
    }
    decides = &measure;
    unit = own;
  }
  return unit;
}

int default_digits_of(const RecordFormat& format) {
  const std::string& unit = format.quantity.unit;
  if (unit == "calls" || unit == "B" || unit == "ns") return 0;
  constexpr int kServerTimeDigits = 3;
  constexpr int kOtherDigits = 6;
  const bool is_of_servers = traits_of(format.family).is_of_servers;
  return is_of_servers && is_time_unit(unit) ? kServerTimeDigits : kOtherDigits;
}

bool asks_for_path(const std::string& task) {
  FieldList fields;
  const Selector selector = parse_selector("task", task, SelectorUse::task, fields);
  return std::any_of(fields.names().begin(), fields.names().end(), [](const FieldName& field) {
    return field.name == "path" || field.name == "uri";
  });
}

}  // namespace billing
