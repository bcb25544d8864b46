#include "naive/w3c_fields.h"

#include <algorithm>
#include <sstream>

#include "billing/mediate.h"
#include "naive/web_derived.h"

namespace billing::naive {

W3cFields::W3cFields(const RecordFormat& format)
    : separator_(format.separator), columns_(format.columns), seen_columns_(format.seen_columns) {}

std::optional<Flaw> W3cFields::obey(std::string_view record, std::uint32_t skipped_bytes) {
  constexpr std::string_view kFields = "#Fields:";
  if (!record.starts_with(kFields)) return std::nullopt;
  // What the smallest limit on records allows, whatever the limit is.
  if (skipped_bytes + record.size() > kMinRecordLimitBytes) {
    return Flaw{RejectReason::too_long, 1};
  }
  columns_.clear();
  std::string names(record.substr(kFields.size()));
  for (char& c : names) {
    // Of all that a stream takes for a blank, only these part names.
    if (c == '\t' || c == '\r') c = ' ';
  }
  std::istringstream stream(names);
  for (std::string name; std::getline(stream, name, ' ');) {
    if (!name.empty()) columns_.push_back(name);
  }
  return std::nullopt;
}

std::optional<Flaw> W3cFields::decode(std::string_view record, std::uint32_t skipped_bytes) {
  if (columns_.empty()) return Flaw{RejectReason::bad_record, 1};
  cells_.clear();
  const auto begin_cell = [&](std::size_t at) {
    cells_.push_back({Value::Kind::text, "", skipped_bytes + static_cast<std::uint32_t>(at) + 1});
  };
  begin_cell(0);
  for (std::size_t i = 0; i < record.size(); ++i) {
    if (record[i] == separator_) {
      begin_cell(i + 1);
    } else {
      cells_.back().text += record[i];
    }
  }
  while (cells_.size() > columns_.size() && cells_.back().text.empty()) cells_.pop_back();
  if (cells_.size() > columns_.size()) {
    return Flaw{RejectReason::field_count, cells_[columns_.size()].column};
  }
  if (cells_.size() < columns_.size()) {
    begin_cell(record.size());
    return Flaw{RejectReason::field_count, cells_.back().column};
  }
  return std::nullopt;
}

Value W3cFields::find(const FieldName& name) const {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i] == name.name) return cells_[i];
  }
  return {};
}

bool W3cFields::has(const FieldName& name) const {
  return is_derived_of_time(name.name) ||
         std::find(seen_columns_.begin(), seen_columns_.end(), name.name) != seen_columns_.end();
}

}  // namespace billing::naive
