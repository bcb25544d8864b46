#include "naive/aliased_fields.h"

#include <algorithm>
#include <utility>

#include "naive/web_derived.h"

namespace billing::naive {

AliasedFields::AliasedFields(std::unique_ptr<FieldDecoder> inner, const RecordFormat& format)
    : inner_(std::move(inner)),
      is_json_(format.family == FormatFamily::json),
      aliases_(format.aliases),
      missing_words_(format.missing_words) {}

const FieldAlias* AliasedFields::alias_of(std::string_view name) const {
  for (const FieldAlias& alias : aliases_) {
    if (alias.name == name) return &alias;
  }
  return nullptr;
}

bool AliasedFields::is_own(std::string_view name) const {
  if (!is_json_) return inner_->has({std::string(name)});
  return std::any_of(aliases_.begin(), aliases_.end(),
                     [name](const FieldAlias& alias) { return alias.field == name; });
}

bool AliasedFields::is_defined(std::string_view name) const {
  const FieldAlias* const alias = alias_of(name);
  return is_own(name) || (alias && is_own(alias->field));
}

Value AliasedFields::find(const FieldName& name) const {
  const bool is_exact_key = is_json_ && name.is_exact;
  if (is_exact_key || is_own(name.name)) return inner_->find(name);
  if (is_defined(name.name)) return inner_->find({alias_of(name.name)->field});
  const auto knows = [this](std::string_view source) { return is_defined(source); };
  const auto source = derivation_source(name.name, knows);
  if (!source) return inner_->find(name);
  Value value = find({*source});
  const bool says_nothing =
      std::find(missing_words_.begin(), missing_words_.end(), value.text) != missing_words_.end();
  if (says_nothing) value.kind = Value::Kind::missing;
  return derive_web_field(name.name, *source, value);
}

bool AliasedFields::has(const FieldName& name) const {
  if (is_json_ || is_defined(name.name)) return true;
  const auto knows = [this](std::string_view source) { return is_defined(source); };
  return derivation_source(name.name, knows).has_value();
}

}  // namespace billing::naive
