#include "choose/seen_fields.h"

#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <unordered_map>

#include "base/text_lines.h"
#include "base/utf8.h"
#include "formats/csv_header.h"
#include "formats/json_documents.h"
#include "formats/missing_word.h"
#include "formats/quoted_records.h"

namespace billing {
namespace {

/// Enough of a value to know it by.
constexpr std::size_t kExampleBytes = 200;

class FieldCollector {
 public:
  /// `only`: the one field that is asked for; empty: all, up to a limit.
  explicit FieldCollector(std::string_view only = {}) : only_(only) {}

  /// One record has each field at most once.
  void add(std::string_view name, std::string_view value) {
    if (!only_.empty() && name != only_) return;
    auto place = places_.find(std::string(name));
    if (place == places_.end()) {
      if (fields_.size() == kMaxSeenFields) return;
      place = places_.emplace(name, fields_.size()).first;
      fields_.push_back({std::string(name), "", 0});
    }
    SeenField& field = fields_[place->second];
    if (value.empty()) return;
    ++field.records;
    if (field.example.empty()) field.example = value.substr(0, kExampleBytes);
  }

  std::vector<SeenField> take() { return std::move(fields_); }

 private:
  std::string_view only_;
  std::vector<SeenField> fields_;
  std::unordered_map<std::string, std::size_t> places_;
};

/// Calls `take` for each line, without its end.
template <class Take>
void for_each_line(std::string_view bytes, const Take& take) {
  while (!bytes.empty()) {
    std::string_view line = next_line(bytes);
    if (line.ends_with('\r')) line.remove_suffix(1);
    take(line);
  }
}

void collect_object(simdjson::dom::object object, const std::string& path, FieldCollector& fields) {
  for (const auto& [key, value] : object) {
    const std::string name = path + std::string(key);
    simdjson::dom::object inner;
    if (value.get(inner) == simdjson::SUCCESS) {
      collect_object(inner, name + ".", fields);
    } else if (value.is_null()) {
      fields.add(name, "");
    } else if (std::string_view text; value.get(text) == simdjson::SUCCESS) {
      fields.add(name, text);
    } else if (!value.is_array()) {
      fields.add(name, simdjson::minify(value));
    }
  }
}

void collect_json(JsonLayout layout, std::string_view bytes, FieldCollector& fields) {
  constexpr std::size_t kMaxDepth = 64;
  constexpr std::size_t kMaxBytes = std::size_t{16} << 20;
  simdjson::dom::parser parser(kMaxBytes);
  if (parser.allocate(std::min(bytes.size() + 1, kMaxBytes), kMaxDepth) != simdjson::SUCCESS)
    return;
  const auto collect = [&](std::string_view record) {
    simdjson::dom::object object;
    if (parser.parse(record.data(), record.size()).get(object) == simdjson::SUCCESS)
      collect_object(object, "", fields);
  };
  if (layout == JsonLayout::lines) {
    for_each_line(bytes, collect);
  } else {
    for_each_document(layout, bytes, collect);
  }
}

void collect_pairs(std::string_view line, FieldCollector& fields) {
  constexpr std::string_view kBlanks = " \t";
  while (true) {
    line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
    if (line.empty()) return;
    const std::size_t key_size = std::min(line.find_first_of(" \t="), line.size());
    const std::string_view key = line.substr(0, key_size);
    line.remove_prefix(key_size);
    std::string_view value = "true";
    if (line.starts_with('=')) {
      line.remove_prefix(1);
      const bool is_quoted = line.starts_with('"');
      if (is_quoted) line.remove_prefix(1);
      std::size_t size = 0;
      while (size < line.size() &&
             (is_quoted ? line[size] != '"' : line[size] != ' ' && line[size] != '\t'))
        size += is_quoted && line[size] == '\\' ? 2 : 1;
      size = std::min(size, line.size());
      value = line.substr(0, size);
      line.remove_prefix(std::min(size + (is_quoted ? 1 : 0), line.size()));
    }
    if (!key.empty()) fields.add(key, value);
  }
}

void collect_cells(const RecordFormat& format, std::string_view bytes, FieldCollector& fields) {
  for (const std::string& column : format.columns) fields.add(column, "");
  bool awaits_header = format.has_header;
  std::vector<std::uint32_t> ends;
  while (!bytes.empty()) {
    const std::size_t size = format.has_quotes ? quoted_record_end(bytes, 0)
                                               : std::min(bytes.find('\n'), bytes.size() - 1) + 1;
    std::string_view row = bytes.substr(0, size);
    bytes.remove_prefix(size);
    if (row.ends_with('\n')) row.remove_suffix(1);
    if (row.ends_with('\r')) row.remove_suffix(1);
    if (row.empty()) continue;
    const bool is_header = awaits_header;
    awaits_header = false;
    if (is_header || !split_csv_row(row, format.separator, format.has_quotes, ends)) continue;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < std::min(ends.size(), format.columns.size()); ++i) {
      const std::string cell = csv_cell_text(row.substr(begin, ends[i] - begin), format.has_quotes);
      fields.add(format.columns[i], is_missing_word(format.missing_words, cell) ? "" : cell);
      begin = ends[i] + 1;
    }
  }
}

void collect(const RecordFormat& format, std::string_view bytes, FieldCollector& fields) {
  if (bytes.starts_with(kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
  if (format.family == FormatFamily::json) collect_json(format.layout, bytes, fields);
  if (format.family == FormatFamily::logfmt)
    for_each_line(bytes, [&](std::string_view line) { collect_pairs(line, fields); });
  if (format.family == FormatFamily::csv) collect_cells(format, bytes, fields);
}

}  // namespace

std::vector<SeenField> seen_fields(const RecordFormat& format, std::string_view bytes) {
  FieldCollector fields;
  collect(format, bytes, fields);
  return fields.take();
}

bool has_value(const RecordFormat& format, std::string_view bytes, std::string_view name) {
  FieldCollector fields(name);
  collect(format, bytes, fields);
  const std::vector<SeenField> seen = fields.take();
  return !seen.empty() && seen.front().records > 0;
}

}  // namespace billing
