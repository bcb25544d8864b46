#pragma once

// Rows of cells (RFC 4180), read one character at a time.

#include "billing/record_format.h"
#include "naive/value.h"

namespace billing::naive {

class CsvFields final : public FieldDecoder {
 public:
  explicit CsvFields(const RecordFormat& format);

  std::optional<Flaw> decode(std::string_view record, std::uint32_t skipped_bytes) override;
  Value find(const FieldName& name) const override;
  bool has(const FieldName& name) const override;
  std::vector<std::string> names() const override { return columns_; }

 private:
  struct Cell {
    std::string text;
    std::uint32_t column;
  };

  bool cut(std::string_view record, std::uint32_t skipped_bytes);
  std::size_t place_of(const FieldName& name) const;

  char separator_;
  bool has_quotes_;
  std::vector<std::string> columns_;
  std::vector<Cell> cells_;
};

}  // namespace billing::naive
