#include "state/kept_format.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <map>
#include <utility>
#include <vector>

#include "base/byte_codec.h"
#include "base/escape_text.h"
#include "billing/error.h"

namespace billing {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{96} << 10;

/// Names that occur several times list what they name in order.
using Settings = std::vector<std::pair<std::string, std::string>>;

constexpr const char* kFamily = "family";
constexpr const char* kFormat = "format";
constexpr const char* kYes = "yes";

constexpr const char* kLayout = "layout";
constexpr std::pair<JsonLayout, std::string_view> kLayouts[] = {
    {JsonLayout::lines, "lines"}, {JsonLayout::array, "array"}, {JsonLayout::objects, "objects"}};

/// What is as usual is left out. The binding names every member, so that none is forgotten.
Settings settings_of(const RecordFormat& format) {
  const auto& [name, family, definition, layout, separator, columns, has_quotes, has_header,
               decimal_comma, seen_columns, mapping, measures, missing_words, aliases,
               meant_records, folds_ids, task_patterns, input_timezone, timezone, excess_digits,
               quantity, wrapper, stream, where, dedupe, kept_fields] = format;
  Settings settings;
  const auto add = [&settings](const char* setting, std::string value, bool is_unusual) {
    if (is_unusual) settings.emplace_back(setting, std::move(value));
  };
  const RecordFormat usual;
  add(kFormat, name, true);
  add(kFamily, std::string(traits_of(family).name), true);
  for (const auto& [one, called] : kLayouts)
    add(kLayout, std::string(called), one == layout && one != usual.layout);
  add("log-format", definition, !definition.empty());
  add("separator", std::string(1, separator), separator != usual.separator);
  add("quote", "none", !has_quotes);
  add("no-header", kYes, !has_header);
  for (const std::string& column : columns) add("columns", column, true);
  add("decimal", ",", decimal_comma);
  for (const std::string& column : seen_columns) add("seen-columns", column, true);
  add("time", mapping.time, !mapping.time.empty());
  add("user", mapping.user, !mapping.user.empty());
  add("task", mapping.task, !mapping.task.empty());
  add("status-from", mapping.status, !mapping.status.empty());
  add("quantity", mapping.quantity, !mapping.quantity.empty());
  for (const Measure& one : measures) add("measure", one.name + '=' + one.quantity, true);
  for (const std::string& word : missing_words) add("missing-words", word, true);
  for (const FieldAlias& alias : aliases) add("aliases", alias.name + '=' + alias.field, true);
  add("meant-records", meant_records, !meant_records.empty());
  add("no-fold-ids", kYes, !folds_ids);
  for (const std::string& pattern : task_patterns) add("task-pattern", pattern, true);
  add("input-timezone", input_timezone, input_timezone != usual.input_timezone);
  add("timezone", timezone, timezone != usual.timezone);
  add("excess-digits", "round", excess_digits == ExcessDigits::round);
  add("unwrap", std::string(name_of(wrapper)), wrapper != usual.wrapper);
  add("stream", std::string(name_of(stream)), has_streams(wrapper));
  return settings;
}

/// What stands before the first `=`, and behind it.
std::pair<std::string, std::string> split_pair(const std::string& value) {
  const std::size_t end = std::min(value.find('='), value.size());
  return {value.substr(0, end), end == value.size() ? "" : value.substr(end + 1)};
}

template <class Value, std::size_t n>
void set_named(Value& target, const std::string_view (&names)[n], std::string_view value) {
  const auto* const found = std::find(std::begin(names), std::end(names), value);
  if (found != std::end(names)) target = static_cast<Value>(found - std::begin(names));
}

void set(RecordFormat& format, std::string_view setting, std::string value) {
  const std::map<std::string_view, std::string*> texts = {
      {kFormat, &format.name},
      {"log-format", &format.definition},
      {"time", &format.mapping.time},
      {"user", &format.mapping.user},
      {"task", &format.mapping.task},
      {"status-from", &format.mapping.status},
      {"quantity", &format.mapping.quantity},
      {"meant-records", &format.meant_records},
      {"input-timezone", &format.input_timezone},
      {"timezone", &format.timezone},
  };
  const std::map<std::string_view, std::vector<std::string>*> lists = {
      {"columns", &format.columns},
      {"seen-columns", &format.seen_columns},
      {"missing-words", &format.missing_words},
      {"task-pattern", &format.task_patterns},
  };
  if (const auto text = texts.find(setting); text != texts.end()) {
    *text->second = std::move(value);
  } else if (const auto list = lists.find(setting); list != lists.end()) {
    list->second->push_back(std::move(value));
  } else if (setting == "measure") {
    auto [name, quantity] = split_pair(value);
    format.measures.push_back({std::move(name), std::move(quantity)});
  } else if (setting == "aliases") {
    auto [name, field] = split_pair(value);
    format.aliases.push_back({std::move(name), std::move(field)});
  } else if (setting == "separator" && value.size() == 1) {
    format.separator = value[0];
  } else if (setting == kFamily) {
    for (const FamilyTraits& row : kFamilyTraits) {
      if (row.name == value) format.family = row.family;
    }
  } else if (setting == kLayout) {
    for (const auto& [layout, called] : kLayouts) {
      if (called == value) format.layout = layout;
    }
  } else if (setting == "unwrap") {
    set_named(format.wrapper, kWrapperNames, value);
  } else if (setting == "stream") {
    set_named(format.stream, kLogStreamNames, value);
  } else if (setting == "quote") {
    format.has_quotes = false;
  } else if (setting == "no-header") {
    format.has_header = false;
  } else if (setting == "decimal") {
    format.decimal_comma = true;
  } else if (setting == "no-fold-ids") {
    format.folds_ids = false;
  } else if (setting == "excess-digits") {
    format.excess_digits = ExcessDigits::round;
  }
}

std::vector<std::string> values_of(const Settings& settings, const std::string& setting) {
  std::vector<std::string> values;
  for (const auto& [name, value] : settings) {
    if (name == setting) values.push_back(value);
  }
  return values;
}

std::string with_commas(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) text += (text.empty() ? "" : ",") + value;
  return text;
}

constexpr std::size_t kShownBytes = 200;

/// As people see the values of a setting; of long ones what stands from byte `from` on.
std::string shown(const std::string& values, std::size_t from) {
  if (values.empty()) return "as usual";
  return (from > 0 ? "..." : "") + quoted_text(values.substr(from, kShownBytes));
}

/// Where two texts begin to differ, and a little before it; 0 where both can be shown whole.
std::size_t first_shown(const std::string& a, const std::string& b) {
  constexpr std::size_t kBytesBefore = 20;
  if (std::max(a.size(), b.size()) <= kShownBytes) return 0;
  const auto differs = std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first;
  const auto place = static_cast<std::size_t>(differs - a.begin());
  return place - std::min(place, kBytesBefore);
}

}  // namespace

std::string kept_format(const RecordFormat& format) {
  if (format.is_text() && format.wrapper == Wrapper::none) return "";
  std::string kept;
  const Settings settings = settings_of(format);
  append_varint(kept, settings.size());
  for (const auto& [name, value] : settings) {
    append_string(kept, name);
    append_string(kept, value);
  }
  if (kept.size() <= kMaxBytes) return kept;
  throw Error(ErrorKind::configuration,
              "\1state keeps the format of a log, and this one's columns and patterns take more "
              "than 96 KiB; name fewer of them, or bill the log without a state");
}

RecordFormat format_kept_as(std::string_view kept) {
  RecordFormat format;
  if (kept.empty()) return format;
  ByteReader bytes(kept);
  for (std::uint64_t left = bytes.varint(); left > 0 && !bytes.failed(); --left) {
    const std::string_view setting = bytes.string();
    std::string value(bytes.string());
    if (!bytes.failed()) set(format, setting, std::move(value));
  }
  // One way of writing it; what is not known here is not written again.
  if (bytes.failed() || !bytes.at_end() || kept_format(format) != kept) {
    throw Error(ErrorKind::configuration,
                "this program does not know the format in which a log was read; use a newer one");
  }
  return format;
}

namespace {

/// What a log says on its way, and no setting.
bool is_said_by_log(const std::string& setting, const RecordFormat& before) {
  if (setting == kFamily || setting == kLayout) return true;
  if (before.family == FormatFamily::w3c) return setting == "columns" || setting == "seen-columns";
  return setting == "no-header" && before.wrapper != Wrapper::none;
}

}  // namespace

std::string describe_format_change(const RecordFormat& before, const RecordFormat& now) {
  const bool is_text = before.is_text() && now.is_text();
  if (is_text && before.wrapper == now.wrapper) return "";
  const Settings a = settings_of(before);
  const Settings b = settings_of(now);
  std::vector<std::string> names;
  for (const Settings* settings : {&a, &b}) {
    for (const auto& [name, value] : *settings) {
      const bool is_seen = std::find(names.begin(), names.end(), name) != names.end();
      if (!is_said_by_log(name, before) && !is_seen) names.push_back(name);
    }
  }
  // Of another format all settings are others.
  if (before.name != now.name) names = {kFormat};
  std::string text;
  for (const std::string& name : names) {
    const std::vector<std::string> old_values = values_of(a, name);
    const std::vector<std::string> new_values = values_of(b, name);
    if (old_values == new_values) continue;
    const std::string before_text = with_commas(old_values);
    const std::string now_text = with_commas(new_values);
    const std::size_t from = first_shown(before_text, now_text);
    text += text.empty() ? "\1" : ", \1";
    text += name + " " + shown(before_text, from) + " until now, " + shown(now_text, from) +
            " from here on";
  }
  return text;
}

}  // namespace billing
