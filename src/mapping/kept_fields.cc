#include "mapping/kept_fields.h"

#include <stdexcept>
#include <string>

#include "base/escape_text.h"
#include "billing/error.h"

namespace billing {
namespace {

constexpr const char* kSetting = "fields";

Selector parse(const std::string& text, const RecordFormat& format, FieldList& fields) {
  const std::string setting = std::string(1, kSettingMark) + kSetting + ": ";
  if (format.is_text()) {
    throw Error(ErrorKind::configuration, setting + "records of the format text have no field " +
                                              quoted_text(text) +
                                              ", only what their events are made of");
  }
  Selector selector = parse_selector(kSetting, text, SelectorUse::user, fields);
  if (selector.is_none) throw Error(ErrorKind::configuration, setting + "none is no field");
  return selector;
}

/// As a template of a task is, but that no path is folded: `-` stands for a part that is missing,
/// and where all are missing, so is the whole.
Field joined(const std::vector<TemplatePart>& parts, const Field* fields, BatchText& texts) {
  constexpr std::string_view kDash = "-";
  Field whole;
  std::size_t bytes = 0;
  for (const TemplatePart& part : parts) {
    bytes += part.literal.size();
    if (!part.has_field) continue;
    const Field& field = fields[part.field.place];
    if (field.kind == Field::Kind::composite) return field;
    if (!field.is_missing() && whole.is_missing()) whole = {{}, field.at, Field::Kind::text};
    bytes += field.is_missing() ? kDash.size() : field.text.size();
  }
  if (whole.is_missing()) return whole;
  char* to = texts.reserve(bytes);
  for (const TemplatePart& part : parts) {
    to += part.literal.copy(to, part.literal.size());
    if (!part.has_field) continue;
    const Field& field = fields[part.field.place];
    const std::string_view text = field.is_missing() ? kDash : field.text;
    to += text.copy(to, text.size());
  }
  whole.text = texts.keep(bytes);
  return whole;
}

Field value_of(const Alternative& alternative, const Field* fields, BatchText& texts) {
  switch (alternative.kind) {
    case Alternative::Kind::constant:
      return {alternative.constant, 0, Field::Kind::text};
    case Alternative::Kind::joined:
      return joined(alternative.parts, fields, texts);
    case Alternative::Kind::field:
    case Alternative::Kind::sum:  // of quantities alone
      break;
  }
  return used(alternative.field, fields);
}

}  // namespace

KeptFields::KeptFields(const RecordFormat& format, FieldList& fields) {
  if (format.kept_fields.empty()) return;
  if (!format.measures.empty())
    throw std::invalid_argument("RecordFormat::kept_fields of a format with measures");
  for (const std::string& text : format.kept_fields)
    selectors_.push_back(parse(text, format, fields));
}

std::optional<MappingFlaw> KeptFields::find(const Field* fields, BatchText& texts,
                                            std::string_view* values) const {
  for (const Selector& selector : selectors_) {
    std::string_view value;
    for (const Alternative& alternative : selector.alternatives) {
      const Field field = value_of(alternative, fields, texts);
      if (field.kind == Field::Kind::composite)
        return MappingFlaw{RejectReason::bad_record, field.at};
      if (field.is_missing()) continue;
      value = field.text;
      break;
    }
    *values++ = value;
  }
  return std::nullopt;
}

}  // namespace billing
