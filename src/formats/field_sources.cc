#include "formats/field_sources.h"

#include <algorithm>

#include "mapping/time_parts.h"

namespace billing {
namespace {

const FieldAlias* find_alias(const std::vector<FieldAlias>& aliases, std::string_view name) {
  const auto found = std::find_if(aliases.begin(), aliases.end(),
                                  [name](const FieldAlias& one) { return one.name == name; });
  return found == aliases.end() ? nullptr : &*found;
}

}  // namespace

std::optional<FieldSource> find_source(const std::string& name,
                                       const std::vector<FieldAlias>& aliases,
                                       const PlaceOfField& place_of) {
  const auto place_by_any_name = [&](const std::string& wanted) {
    const auto place = place_of(wanted);
    const FieldAlias* const alias = place ? nullptr : find_alias(aliases, wanted);
    return alias == nullptr ? place : place_of(alias->field);
  };
  if (const auto place = place_by_any_name(name)) return FieldSource{*place};
  for (const DerivedField& row : derived_fields()) {
    if (row.name != name) continue;
    const auto place = place_by_any_name(std::string(row.source));
    if (place) return FieldSource{*place, row.what, row.is_target, is_of_request(row.what)};
  }
  return std::nullopt;
}

std::optional<FieldSource> source_for(RecordMapper& mapper, std::size_t place,
                                      const RecordFormat& format, const PlaceOfField& place_of) {
  const std::string& name = mapper.fields()[place].name;
  if (const auto source = find_source(name, format.aliases, place_of)) return source;
  const auto part = time_part_of(name);
  if (!part) return std::nullopt;
  mapper.make_of_time(place, *part, format.timezone);
  return FieldSource{.is_of_time = true};
}

DerivedFields::DerivedFields(RecordMapper& mapper, const RecordFormat& format)
    : is_needed_(!format.aliases.empty()) {
  const std::vector<FieldAlias>& aliases = format.aliases;
  const auto place_of = [this](FieldName name) {
    const auto found = std::find(raw_.begin(), raw_.end(), name);
    const auto place = static_cast<std::size_t>(found - raw_.begin());
    if (found == raw_.end()) raw_.push_back(std::move(name));
    return place;
  };
  // Nobody knows which fields records have, but for those that aliases stand for.
  const auto aliased = [&](const std::string& name) -> std::optional<std::size_t> {
    const bool is_aliased =
        std::any_of(aliases.begin(), aliases.end(),
                    [&name](const FieldAlias& one) { return one.field == name; });
    return is_aliased ? std::optional(place_of({name})) : std::nullopt;
  };
  for (const FieldName& name : mapper.fields()) {
    const bool is_own = name.is_verbatim || !is_needed_;
    const auto source =
        is_own ? std::nullopt : source_for(mapper, sources_.size(), format, aliased);
    sources_.push_back(source ? *source : FieldSource{place_of(name)});
  }
}

void DerivedFields::derive(const Field* raw, Field* fields, BatchText& texts) const {
  RequestParts request;
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    const FieldSource& source = sources_[i];
    if (source.is_of_time) continue;
    fields[i] = raw[source.raw];
    if (source.what == Derived::as_it_stands) continue;
    const bool is_text = fields[i].kind == Field::Kind::text;
    fields[i].set(is_text ? request.derived(source, fields[i].text, texts) : std::string_view(),
                  fields[i].at);
  }
}

}  // namespace billing
