#pragma once

// Other names of fields, and what every web format derives of them, over a decoder that knows only
// the fields that stand in records.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "billing/record_format.h"
#include "naive/value.h"

namespace billing::naive {

class AliasedFields final : public FieldDecoder {
 public:
  AliasedFields(std::unique_ptr<FieldDecoder> inner, const RecordFormat& format);

  bool is_directive(std::string_view record) const override { return inner_->is_directive(record); }
  std::optional<Flaw> obey(std::string_view record, std::uint32_t skipped_bytes) override {
    return inner_->obey(record, skipped_bytes);
  }
  std::optional<Flaw> decode(std::string_view record, std::uint32_t skipped_bytes) override {
    return inner_->decode(record, skipped_bytes);
  }
  Value find(const FieldName& name) const override;
  bool has(const FieldName& name) const override;
  std::vector<std::string> names() const override { return inner_->names(); }

 private:
  const FieldAlias* alias_of(std::string_view name) const;
  bool is_own(std::string_view name) const;
  bool is_defined(std::string_view name) const;

  std::unique_ptr<FieldDecoder> inner_;
  bool is_json_;  ///< any name may be a field; those that aliases stand for are known to be
  std::vector<FieldAlias> aliases_;
  std::vector<std::string> missing_words_;
};

}  // namespace billing::naive
