#include "naive/record_values.h"

#include <algorithm>
#include <string>

#include "base/civil_time.h"
#include "base/escape_text.h"
#include "billing/error.h"
#include "naive/ascii.h"
#include "naive/web_derived.h"
#include "naive/web_fields.h"

namespace billing::naive {
namespace {

/// A piece of a list with commas, without the spaces around it.
void keep_piece(Value& value, Source::Piece piece) {
  if (piece == Source::Piece::whole || value.kind != Value::Kind::text) return;
  const std::size_t comma =
      piece == Source::Piece::first ? value.text.find(',') : value.text.rfind(',');
  if (comma != std::string::npos && piece == Source::Piece::first) value.text.erase(comma);
  if (comma != std::string::npos && piece == Source::Piece::last) value.text.erase(0, comma + 1);
  const std::size_t begin = std::min(value.text.find_first_not_of(' '), value.text.size());
  value.text = value.text.substr(begin, value.text.find_last_not_of(' ') + 1 - begin);
  if (value.text.empty()) value.kind = Value::Kind::missing;
}

/// In which ids may be folded, where it stands in a task.
bool is_path(const FieldName& name) { return name.name == "path" || name.name == "uri"; }

}  // namespace

RecordValues::RecordValues(const FieldDecoder& decoder, const RecordFormat& format)
    : decoder_(decoder),
      is_web_(format.family == FormatFamily::web),
      is_json_(format.family == FormatFamily::json),
      has_time_parts_(is_web_ || format.family == FormatFamily::w3c ||
                      (is_json_ && !format.aliases.empty())),
      aliases_(format.aliases),
      missing_words_(format.missing_words),
      zone_(format.timezone, "timezone") {}

void RecordValues::check(std::string_view setting, const Selector& selector) const {
  for (const FieldName& name : fields_of(selector)) {
    if (!decoder_.has(name)) {
      std::string message =
          '\1' + std::string(setting) + ": there is no field " + quoted_text(name.name) + ", only";
      for (const std::string& each : decoder_.names()) message += ' ' + escaped_text(each);
      throw Error(ErrorKind::configuration, message);
    }
    if (setting == "time" && is_derived_of_time(name)) {
      throw Error(ErrorKind::configuration,
                  "\1time: " + quoted_text(name.name) + " is made of the time itself");
    }
  }
}

void RecordValues::set_time(std::optional<std::int64_t> time_ns, std::uint32_t column) {
  time_ns_ = time_ns;
  time_column_ = column;
}

bool RecordValues::is_derived_of_time(const FieldName& name) const {
  if (!has_time_parts_ || !naive::is_derived_of_time(name.name)) return false;
  // Which keys objects have nobody knows: only backquotes, and aliases, make it one of them.
  if (is_json_) {
    return !name.is_exact &&
           std::none_of(aliases_.begin(), aliases_.end(), [&name](const FieldAlias& alias) {
             return alias.name == name.name || alias.field == name.name;
           });
  }
  const std::vector<std::string> names = decoder_.names();
  return std::find(names.begin(), names.end(), name.name) == names.end();
}

/// `2025-05-02`, or the hour as `00` to `23`.
Value RecordValues::derived_of_time(const FieldName& name) const {
  if (!time_ns_) return {Value::Kind::missing, "", time_column_};
  const std::int64_t local_s = zone_.local_s(floor_seconds(*time_ns_));
  const std::int64_t days = floor_div(local_s, kSecondsPerDay);
  Value value{Value::Kind::text, "", time_column_};
  if (name.name == "date") {
    append_date(civil_from_days(days), value.text);
  } else {
    append_padded((local_s - days * kSecondsPerDay) / kSecondsPerHour, 2, value.text);
  }
  return value;
}

Value RecordValues::field(const FieldName& name) const {
  if (is_derived_of_time(name)) return derived_of_time(name);
  Value value = decoder_.find(name);
  if (value.kind == Value::Kind::text && says_nothing(value.text)) {
    value.kind = Value::Kind::missing;
  }
  return value;
}

bool RecordValues::says_nothing(std::string_view text) const {
  if (text.empty() || (is_web_ && text == "-")) return true;
  return std::find(missing_words_.begin(), missing_words_.end(), text) != missing_words_.end();
}

Value RecordValues::value(const Source& source, const TaskPaths* paths) const {
  switch (source.kind) {
    case Source::Kind::constant:
      return {source.constant.empty() ? Value::Kind::missing : Value::Kind::text, source.constant};
    case Source::Kind::composed:
      return composed(source, paths);
    default:
      Value value = field(source.field);
      keep_piece(value, source.piece);
      if (paths && value.kind == Value::Kind::text && is_path(source.field))
        value.text = paths->rewritten(value.text);
      return value;
  }
}

Value RecordValues::whole_value(const Source& source) const {
  Value whole = value(source);
  const bool lacks_part =
      source.kind == Source::Kind::composed &&
      std::any_of(source.parts.begin(), source.parts.end(), [this](const Source::Part& part) {
        return part.field && field(*part.field).is_missing();
      });
  if (lacks_part && whole.kind != Value::Kind::composite) whole.kind = Value::Kind::missing;
  return whole;
}

/// The parts one after the other, `-` for those that are missing.
Value RecordValues::composed(const Source& source, const TaskPaths* paths) const {
  Value whole{Value::Kind::text};
  bool has_field = false;
  bool has_value = false;
  for (const Source::Part& part : source.parts) {
    if (!part.field) {
      whole.text += part.text;
      continue;
    }
    const Value value = field(*part.field);
    if (!has_field) whole.column = value.column;
    has_field = true;
    has_value |= !value.is_missing();
    if (value.kind == Value::Kind::composite) whole.kind = Value::Kind::composite;
    if (value.is_missing()) {
      whole.text += '-';
    } else {
      whole.text += paths && is_path(*part.field) ? paths->rewritten(value.text) : value.text;
    }
  }
  if (has_field && !has_value) whole.kind = Value::Kind::missing;
  return whole;
}

}  // namespace billing::naive
