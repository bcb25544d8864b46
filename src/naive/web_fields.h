#pragma once

// Lines of a web server's log, cut by its definition.

#include <string>
#include <string_view>
#include <vector>

#include "billing/record_format.h"
#include "naive/value.h"
#include "naive/web_definition.h"

namespace billing::naive {

class WebFields final : public FieldDecoder {
 public:
  explicit WebFields(WebDefinition definition, std::vector<FieldAlias> aliases = {},
                     std::vector<std::string> missing_words = {});

  std::optional<Flaw> decode(std::string_view record, std::uint32_t skipped_bytes) override;
  Value find(const FieldName& name) const override;
  bool has(const FieldName& name) const override;
  std::vector<std::string> names() const override;
  std::string unit_of(const FieldName& name) const override;

  /// Whether the definition itself has the field; if not, it may be derived of others.
  bool is_defined(std::string_view name) const;

 private:
  enum class Form { plain, quoted, one_word, padded, user, upstream };

  Form form_of(std::size_t place) const;
  std::size_t end_of(std::size_t place, std::string_view record, std::size_t begin) const;
  std::size_t end_of_user(std::size_t place, std::string_view record, std::size_t begin) const;
  bool is_time_at(std::size_t place, std::string_view record, std::size_t begin) const;
  bool has_quote_behind(std::size_t place) const;
  bool says_nothing(std::string_view text) const;
  const WebField* defined(std::string_view name) const;

  WebDefinition definition_;
  std::vector<FieldAlias> aliases_;
  std::vector<std::string> missing_words_;
  std::vector<Form> forms_;
  std::vector<Value> values_;  // by the definition's fields
};

}  // namespace billing::naive
