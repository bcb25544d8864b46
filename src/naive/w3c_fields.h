#pragma once

// W3C extended logs: cells by the `#Fields:` line that was read last.

#include <string>
#include <string_view>
#include <vector>

#include "billing/record_format.h"
#include "naive/value.h"

namespace billing::naive {

class W3cFields final : public FieldDecoder {
 public:
  explicit W3cFields(const RecordFormat& format);

  bool is_directive(std::string_view record) const override { return record.starts_with('#'); }
  std::optional<Flaw> obey(std::string_view record, std::uint32_t skipped_bytes) override;
  std::optional<Flaw> decode(std::string_view record, std::uint32_t skipped_bytes) override;
  Value find(const FieldName& name) const override;
  bool has(const FieldName& name) const override;
  std::vector<std::string> names() const override { return seen_columns_; }

 private:
  char separator_;
  std::vector<std::string> columns_;
  std::vector<std::string> seen_columns_;
  std::vector<Value> cells_;
};

}  // namespace billing::naive
