#include "naive/csv_fields.h"

#include <algorithm>
#include <cstddef>

namespace billing::naive {

CsvFields::CsvFields(const RecordFormat& format)
    : separator_(format.separator), has_quotes_(format.has_quotes), columns_(format.columns) {}

std::optional<Flaw> CsvFields::decode(std::string_view record, std::uint32_t skipped_bytes) {
  if (!cut(record, skipped_bytes)) return Flaw{RejectReason::bad_record, 1};
  while (cells_.size() > columns_.size() && cells_.back().text.empty()) cells_.pop_back();
  if (cells_.size() > columns_.size()) {
    return Flaw{RejectReason::field_count, cells_[columns_.size()].column};
  }
  if (cells_.size() < columns_.size()) {
    return Flaw{RejectReason::field_count,
                skipped_bytes + column_of(record, record.substr(record.size()))};
  }
  return std::nullopt;
}

/// False where quotes or line ends stand where they must not.
bool CsvFields::cut(std::string_view record, std::uint32_t skipped_bytes) {
  enum class At { begin, bare, quoted, behind };
  cells_.clear();
  At at = At::begin;
  for (std::size_t i = 0; i <= record.size(); ++i) {
    const bool is_end = i == record.size();
    if (at == At::begin) {
      cells_.push_back({"", skipped_bytes + column_of(record, record.substr(i))});
      at = At::bare;
      if (!is_end && has_quotes_ && record[i] == '"') {
        at = At::quoted;
        continue;
      }
    }
    if (at == At::quoted) {
      if (is_end) return false;
      if (record[i] != '"') {
        cells_.back().text += record[i];
      } else if (record.substr(i + 1).starts_with('"')) {
        cells_.back().text += '"';
        ++i;
      } else {
        at = At::behind;
      }
      continue;
    }
    if (is_end) break;
    if (record[i] == separator_) {
      at = At::begin;
    } else if (at == At::behind || record[i] == '\n') {
      return false;
    } else {
      cells_.back().text += record[i];
    }
  }
  return true;
}

std::size_t CsvFields::place_of(const FieldName& name) const {
  return static_cast<std::size_t>(std::find(columns_.begin(), columns_.end(), name.name) -
                                  columns_.begin());
}

Value CsvFields::find(const FieldName& name) const {
  const Cell& cell = cells_[place_of(name)];
  return {Value::Kind::text, cell.text, cell.column};
}

bool CsvFields::has(const FieldName& name) const { return place_of(name) < columns_.size(); }

}  // namespace billing::naive
