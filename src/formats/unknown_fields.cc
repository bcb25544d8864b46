#include "formats/unknown_fields.h"

#include <algorithm>

#include "base/closest_word.h"
#include "base/escape_text.h"
#include "mapping/event_mapper.h"
#include "select/where_expression.h"

namespace billing {

void fail_unknown_field(std::string_view name, std::string_view what,
                        const std::vector<std::string>& names) {
  constexpr std::size_t kMaxShown = 30;
  const std::vector<std::string_view> words(names.begin(), names.end());
  std::string message = std::string(what) + " has no field " + quoted_text(name) + ", only";
  for (std::size_t i = 0; i < std::min(words.size(), kMaxShown); ++i)
    message += (i == 0 ? " " : ", ") + quoted_text(words[i]);
  if (words.size() > kMaxShown)
    message += " and " + std::to_string(words.size() - kMaxShown) + " more";
  throw UnknownField(std::string(name), message + did_you_mean(name, words));
}

void show_in_where(const RecordFormat& format, const UnknownField& unknown) {
  const EventMapper mapper(format);
  const std::vector<FieldName>& mapped = mapper.fields();
  if (std::any_of(mapped.begin(), mapped.end(),
                  [&](const FieldName& field) { return field.name == unknown.name(); }))
    return;
  for (const std::string& expression : format.where) {
    if (const auto at = find_where_field(parse_where(expression), unknown.name()))
      fail_where(expression, *at, unknown.message());
  }
}

}  // namespace billing
