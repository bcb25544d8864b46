#include "formats/field_names.h"

#include <algorithm>
#include <string_view>

#include "formats/web_definition.h"
#include "formats/web_fields.h"
#include "mapping/time_parts.h"

namespace billing {

std::vector<std::string> with_derived_names(const std::vector<std::string>& fields,
                                            const std::vector<FieldAlias>& aliases) {
  std::vector<std::string> names;
  const auto has = [&names](std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  for (const std::string& field : fields) {
    if (!has(field)) names.push_back(field);
  }
  for (const FieldAlias& alias : aliases) {
    if (!has(alias.name) && (fields.empty() || has(alias.field))) names.push_back(alias.name);
  }
  const std::vector<std::string> sources = names;
  for (const DerivedField& row : derived_fields()) {
    const bool has_source = std::find(sources.begin(), sources.end(), row.source) != sources.end();
    if (has_source && !has(row.name)) names.emplace_back(row.name);
  }
  for (const std::string_view name : time_part_names()) {
    if (!has(name)) names.emplace_back(name);
  }
  return names;
}

std::vector<std::string> field_names(const RecordFormat& format) {
  switch (format.family) {
    case FormatFamily::csv:
      return format.columns;
    case FormatFamily::w3c:
      return with_derived_names(format.seen_columns, format.aliases);
    case FormatFamily::web: {
      std::vector<std::string> names;
      for (const WebField& field : parse_web_definition(format.definition).fields)
        names.push_back(field.name);
      return with_derived_names(names, format.aliases);
    }
    default:
      return format.aliases.empty() ? std::vector<std::string>{}
                                    : with_derived_names({}, format.aliases);
  }
}

}  // namespace billing
