// `billing formats`: the formats that have a name, with what each makes of its records by default.

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/closest_word.h"
#include "base/escape_text.h"
#include "base/text_lines.h"
#include "billing/choose_format.h"
#include "billing/named_formats.h"
#include "cli/command.h"
#include "cli/print.h"
#include "render/escape.h"
#include "render/summary_parts.h"

namespace billing::cli {
namespace {

struct FormatsFlags {
  std::string name;
  bool json = false;
};

/// A format as it is read when nothing is said but its name.
RecordFormat default_format(const NamedFormat& row) {
  FormatSettings settings;
  settings.format = row.name;
  return *choose_format(settings, {"example", std::string(row.example) + "\n", true}).format;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

/// `label`, and lines of text beside it.
void append_row(std::string& out, std::string_view label, std::string_view text) {
  while (!text.empty()) {
    out += fmt::format("  {:<12}{}\n", label, next_line(text));
    label = {};
  }
}

/// Where it depends on the fields of an input, both that it may be.
std::string shown_quantity(const NamedFormat& row, const RecordFormat& format) {
  const std::size_t end = row.quantity.find('|');
  if (end == std::string_view::npos) return format.mapping.quantity;
  return std::string(row.quantity.substr(0, end)) +
         "; where an input has not this field: " + std::string(row.quantity.substr(end + 1));
}

void append_mapping(std::string& out, const NamedFormat& row, const RecordFormat& format) {
  append_row(out, "time", format.mapping.time);
  append_row(out, "user", format.mapping.user);
  append_row(out, "task", format.mapping.task);
  append_row(out, "status", format.mapping.status);
  append_row(out, "quantity", shown_quantity(row, format));
}

std::string format_text(const NamedFormat& row) {
  const RecordFormat format = default_format(row);
  std::string out = fmt::format("{}: {}\n", row.name, row.purpose);
  append_row(out, "definition", row.definition);
  append_mapping(out, row, format);
  append_row(out, "a rate is",
             "per " + unit_of_a_rate(format.quantity) + "; quantities keep " +
                 std::to_string(format.quantity.digits) + " digits behind the point");
  if (format.family != FormatFamily::csv) append_row(out, "fields", joined(field_names(format)));
  append_row(out, "example", row.example);
  return out;
}

std::string wrapper_text(const NamedWrapper& row) {
  std::string out = fmt::format("{}: {}\n", name_of(row.wrapper), row.purpose);
  append_row(out, "wrapper",
             fmt::format("--unwrap {}{}, around lines of any format", name_of(row.wrapper),
                         has_streams(row.wrapper) ? ", with --stream" : ""));
  append_row(out, "example", row.example);
  return out;
}

std::string json_text(std::string_view text) {
  std::string json;
  append_json_string(json, escaped_text(text));
  return json;
}

std::string format_json(const NamedFormat& row) {
  const RecordFormat format = default_format(row);
  const FieldMapping& mapping = format.mapping;
  std::string fields;
  for (const std::string& name : field_names(format))
    fields += (fields.empty() ? "" : ",") + json_text(name);
  return fmt::format(
      R"({{"name":{},"purpose":{},"definition":{},"mapping":{{"time":{},"user":{},"task":{},)"
      R"("status":{},"quantity":{}}},"unit":{},"digits":{},"fields":[{}],"example":{}}})",
      json_text(row.name), json_text(row.purpose), json_text(row.definition),
      json_text(mapping.time), json_text(mapping.user), json_text(mapping.task),
      json_text(mapping.status), json_text(mapping.quantity), json_text(format.quantity.unit),
      format.quantity.digits, fields, json_text(row.example));
}

std::string wrapper_json(const NamedWrapper& row) {
  return fmt::format(R"({{"unwrap":{},"purpose":{},"has_streams":{},"example":{}}})",
                     json_text(name_of(row.wrapper)), json_text(row.purpose),
                     has_streams(row.wrapper), json_text(row.example));
}

std::vector<std::string_view> all_names() {
  std::vector<std::string_view> names;
  for (const NamedFormat& row : named_formats()) names.push_back(row.name);
  for (const NamedWrapper& row : named_wrappers()) names.push_back(name_of(row.wrapper));
  return names;
}

int run_formats(const FormatsFlags& flags, Mistakes& mistakes) {
  std::string text;
  std::vector<std::string_view> names;
  for (const NamedFormat& row : named_formats()) {
    names.push_back(row.name);
    if (!flags.name.empty() && row.name != flags.name) continue;
    if (flags.json) {
      text += (text.empty() ? "" : ",\n ") + format_json(row);
    } else {
      text += (text.empty() ? "" : "\n") + format_text(row);
    }
  }
  for (const NamedWrapper& row : named_wrappers()) {
    names.push_back(name_of(row.wrapper));
    if (!flags.name.empty() && names.back() != flags.name) continue;
    // The array of all is one of formats.
    if (flags.json && flags.name.empty()) continue;
    if (flags.json) {
      text += wrapper_json(row);
    } else {
      text += (text.empty() ? "" : "\n") + wrapper_text(row);
    }
  }
  if (text.empty()) {
    std::string list;
    for (const std::string_view name : names)
      list += (list.empty() ? "" : ", ") + std::string(name);
    mistakes.add("unknown format " + quoted_text(flags.name) + "; use one of " + list +
                 did_you_mean(flags.name, names));
  }
  mistakes.report();
  print(flags.json ? "[" + text + "]\n" : text);
  return 0;
}

}  // namespace

Action set_up_formats(CommandOptions& options) {
  auto flags = std::make_shared<FormatsFlags>();
  options.operands = {.value = "[NAME]", .target = &flags->name, .choices = all_names()};
  options.add({.names = "--json",
               .purpose = "A JSON array of them instead of lines",
               .target = &flags->json});
  options.notes = {
      "Each with the fields that make a call where nothing else is said, and an example. Fields "
      "are "
      "chosen with --time, --user, --task, --status-from and --quantity of billing aggregate; "
      "billing check FILE says which format a file has."};
  return [flags](Mistakes& mistakes) { return run_formats(*flags, mistakes); };
}

}  // namespace billing::cli
