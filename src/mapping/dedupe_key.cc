#include "mapping/dedupe_key.h"

#include <xxhash.h>

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "base/byte_codec.h"
#include "base/escape_text.h"
#include "base/split_list.h"
#include "billing/error.h"

namespace billing {
namespace {

constexpr const char* kSetting = "dedupe-by";
constexpr std::string_view kRecord = "record";

[[noreturn]] void fail(const std::string& what) {
  throw Error(ErrorKind::configuration, std::string(1, kSettingMark) + kSetting + ": " + what);
}

/// What stands between commas, which have no meaning in backquotes and in `${}`.
std::vector<std::string_view> split_parts(std::string_view text) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool is_quoted = text[at] == '`';
    if (is_quoted || text.substr(at).starts_with("${")) {
      at = std::min(text.find(is_quoted ? '`' : '}', at + 1), text.size() - 1);
    } else if (text[at] == ',') {
      parts.push_back(text.substr(std::exchange(begin, at + 1), at - begin));
    }
  }
  parts.push_back(text.substr(begin));
  for (std::string_view& part : parts) part = trimmed(part);
  return parts;
}

RecordKey hash_of(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  const RecordKey key{hash.high64, hash.low64};
  return key == kNoKey ? RecordKey{0, 1} : key;
}

}  // namespace

DedupeKey::DedupeKey(const RecordFormat& format, FieldList& fields)
    : keeps_missing_(format.dedupe.keeps_missing),
      separator_(traits_of(format.family).has_cells ? format.separator : '\0') {
  const std::string& by = format.dedupe.by;
  if (by.empty()) return;
  is_record_ = trimmed(by) == kRecord;
  if (is_record_) return;
  for (const std::string_view part : split_parts(by)) parts_.push_back(parse(part, format, fields));
}

DedupeKey::Part DedupeKey::parse(std::string_view text, const RecordFormat& format,
                                 FieldList& fields) const {
  constexpr std::pair<std::string_view, Source> kSources[] = {{"time", Source::time},
                                                              {"user", Source::user},
                                                              {"task", Source::task},
                                                              {"status", Source::status},
                                                              {"quantity", Source::quantity}};
  if (text == kRecord) {
    fail(
        "record stands alone, as it is all of the record; a field that is called so stands in "
        "backquotes: `record`");
  }
  for (const auto& [name, source] : kSources) {
    if (text != name) continue;
    if (source == Source::time && format.mapping.time == "none")
      fail("there are no times, as \1time is none");
    return {source};
  }
  if (format.is_text()) {
    fail("records of the format text have no field " + quoted_text(text) +
         ", only time, user, task, status and quantity; record is all of them");
  }
  const Selector selector = parse_selector(kSetting, text, SelectorUse::user, fields);
  if (selector.is_none) fail("none is no field");
  const Alternative& only = selector.alternatives.front();
  if (only.kind == Alternative::Kind::constant)
    fail(quoted_text(text) + " is the same in all records");
  if (only.kind == Alternative::Kind::joined) return {Source::joined, {}, only.parts};
  return {Source::field, only.field};
}

/// A tab or a space that separates cells belongs to them.
std::string_view DedupeKey::without_ends(std::string_view record) const {
  const auto is_end = [this](char c) {
    return (c == ' ' || c == '\t' || c == '\r' || c == '\n') && c != separator_;
  };
  while (!record.empty() && is_end(record.front())) record.remove_prefix(1);
  while (!record.empty() && is_end(record.back())) record.remove_suffix(1);
  return record;
}

std::optional<MappingFlaw> DedupeKey::make(const Field* fields, const MappedEvent& event,
                                           std::string_view record, std::string& scratch,
                                           RecordKey& key) const {
  return make_of(fields, {event, nullptr}, record, scratch, key);
}

std::optional<MappingFlaw> DedupeKey::make(const Field* fields, const MeasuredRecord& measured,
                                           std::string_view record, std::string& scratch,
                                           RecordKey& key) const {
  return make_of(fields, {measured.parts.front().event, &measured}, record, scratch, key);
}

std::optional<MappingFlaw> DedupeKey::make_of(const Field* fields, const Events& events,
                                              std::string_view record, std::string& scratch,
                                              RecordKey& key) const {
  if (is_record_) {
    key = hash_of(without_ends(record));
    return std::nullopt;
  }
  key = kNoKey;
  bool is_whole = true;
  std::string text;
  scratch.clear();
  for (const Part& part : parts_) {
    const Field value = value_of(part, fields, events, text);
    if (value.kind == Field::Kind::composite || (value.is_missing() && !keeps_missing_))
      return MappingFlaw{RejectReason::bad_record, value.at};
    is_whole &= !value.is_missing();
    append_fixed(scratch, std::uint64_t{value.text.size()});
    scratch += value.text;
  }
  if (is_whole) key = hash_of(scratch);
  return std::nullopt;
}

/// Of several events the tasks and the quantities are those of all.
Field DedupeKey::value_of(const Part& part, const Field* fields, const Events& events,
                          std::string& text) {
  const MappedEvent& event = events.first;
  switch (part.source) {
    case Source::field:
      return piece_of(fields[part.field.place], part.field.piece);
    case Source::joined:
      return join(part.joined, fields, text);
    case Source::user:
      return Field::of(event.user, 0);
    case Source::task:
      if (events.measured == nullptr) return Field::of(event.task, 0);
      text.clear();
      for (const MeasuredRecord::Part& one : events.measured->parts)
        append_string(text, one.event.task);
      return Field::of(text, 0);
    case Source::time:
      text = std::to_string(event.time_ns);
      return Field::of(text, 0);
    case Source::status:
      text = event.status == kNoStatus ? "" : std::to_string(event.status);
      return Field::of(text, 0);
    case Source::quantity:
      text = std::to_string(event.quantity);
      for (std::size_t i = 1; events.measured != nullptr && i < events.measured->parts.size(); ++i)
        text += ' ' + std::to_string(events.measured->parts[i].event.quantity);
      return Field::of(text, 0);
  }
  __builtin_unreachable();
}

/// As templates of tasks are, but that no path is folded, and nothing stands for a part that is
/// missing: records that lack it are not the same for that.
Field DedupeKey::join(const std::vector<TemplatePart>& parts, const Field* fields,
                      std::string& text) {
  Field joined;
  bool has_place = false;
  bool lacks_part = false;
  text.clear();
  for (const TemplatePart& part : parts) {
    text += part.literal;
    if (!part.has_field) continue;
    const Field& field = fields[part.field.place];
    if (!std::exchange(has_place, true)) joined.at = field.at;
    if (field.kind == Field::Kind::composite) joined.kind = field.kind;
    if (field.kind == Field::Kind::text && joined.is_missing()) joined.kind = field.kind;
    lacks_part |= field.is_missing();
    text += field.text;
  }
  if (lacks_part && joined.kind != Field::Kind::composite) joined.kind = Field::Kind::missing;
  joined.text = text;
  return joined;
}

}  // namespace billing
