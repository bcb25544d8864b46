#include "naive/record_reader.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

#include "billing/error.h"
#include "naive/aliased_fields.h"
#include "naive/ascii.h"
#include "naive/csv_fields.h"
#include "naive/json_fields.h"
#include "naive/logfmt_fields.h"
#include "naive/w3c_fields.h"
#include "naive/web_fields.h"

namespace billing::naive {
namespace {

std::unique_ptr<FieldDecoder> make_decoder(const RecordFormat& format) {
  switch (format.family) {
    case FormatFamily::web:
      return std::make_unique<WebFields>(parse_web_definition(format.definition), format.aliases,
                                         format.missing_words);
    case FormatFamily::json:
      if (format.aliases.empty()) return std::make_unique<JsonFields>();
      return std::make_unique<AliasedFields>(std::make_unique<JsonFields>(), format);
    case FormatFamily::w3c:
      return std::make_unique<AliasedFields>(std::make_unique<W3cFields>(format), format);
    case FormatFamily::csv:
      return std::make_unique<CsvFields>(format);
    case FormatFamily::logfmt:
      return std::make_unique<LogfmtFields>();
    case FormatFamily::text:
      break;
  }
  throw Error(ErrorKind::configuration, "the format text has no mapping but its own");
}

void reject(Item& item, const Flaw& flaw) {
  item.kind = Item::Kind::reject;
  item.reason = flaw.reason;
  item.column = flaw.column;
}

}  // namespace

RecordReader::RecordReader(std::istream& stream, const RecordFormat& format,
                           std::uint64_t max_record_bytes)
    : stream_(stream, format, max_record_bytes),
      max_record_bytes_(max_record_bytes),
      is_csv_(format.family == FormatFamily::csv),
      awaits_header_(is_csv_ && format.has_header),
      decoder_(make_decoder(format)),
      mapping_(*decoder_, format),
      wheres_(wheres_of(format)),
      key_rule_(format, &mapping_.values()) {
  if (format.layout != JsonLayout::lines)
    documents_.emplace(stream, format.layout, max_record_bytes);
  const RecordValues& values = mapping_.values();
  for (Where& where : wheres_) {
    values.check("where", where.fields());
    for (const FieldName& name : fields_of(where.fields())) {
      if (values.is_derived_of_time(name)) where.ask_with_event();
    }
  }
  if (!format.meant_records.empty()) meant_.emplace_back(format.meant_records, format);
}

bool RecordReader::next(Item& item) {
  item = {};
  if (!next_record(item.record)) return false;
  read(item);
  if (documents_ && item.record.is_broken) {
    is_broken_ = true;
    documents_->stop();
    bytes_ = documents_->bytes();
  }
  return true;
}

bool RecordReader::next_record(RawRecord& record) {
  const bool has_record = documents_ ? documents_->next(record) : stream_.next(record);
  bytes_ = documents_ ? documents_->bytes() : bytes_ + record.bytes;
  return has_record;
}

void RecordReader::read(Item& item) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  std::string_view text = item.record.text;
  std::uint32_t skipped_bytes = 0;  // which belong to the record, so columns count them
  if (!documents_ && item.record.offset_bytes == 0 && text.starts_with(kByteOrderMark)) {
    skipped_bytes = static_cast<std::uint32_t>(kByteOrderMark.size());
    text.remove_prefix(skipped_bytes);
  }
  const bool is_too_long = item.record.text_bytes > max_record_bytes_;
  const bool is_blank = !is_too_long && (is_csv_ ? text : trimmed(text)).empty();
  if (awaits_header_ && !is_blank) {
    awaits_header_ = false;
    item.kind = Item::Kind::directive;
    return;
  }
  if (is_too_long) return reject(item, {RejectReason::too_long, 1});
  if (item.record.is_broken) return reject(item, {RejectReason::bad_record, 1});
  if (is_blank) return;
  if (decoder_->is_directive(text)) {
    const auto flaw = decoder_->obey(text, skipped_bytes);
    if (flaw) return reject(item, *flaw);
    item.kind = Item::Kind::directive;
    return;
  }
  if (const auto flaw = decoder_->decode(text, skipped_bytes)) {
    item.record.is_broken = true;
    return reject(item, *flaw);
  }
  if (first_that_drops(meant_, false, &mapping_.values(), nullptr)) {
    item.kind = Item::Kind::directive;
    return;
  }
  if (drops_record(item)) return;
  auto mapped = mapping_.map();
  if (const auto* flaw = std::get_if<Flaw>(&mapped)) return reject(item, *flaw);
  auto& record = std::get<MappedRecord>(mapped);
  if (key_rule_.is_asked()) {
    const auto key = key_rule_.key_of(&mapping_.values(), record.events, text);
    if (const auto* flaw = std::get_if<Flaw>(&key)) return reject(item, *flaw);
    item.key = std::get<DuplicateKey>(key);
  }
  if (drop_events(item, record)) return;
  item.kind = Item::Kind::event;
  item.rounding = record.of_zeros;
  for (const MappedEvent& event : record.events) item.rounding += event.rounding;
  item.events = std::move(record.events);
  item.has_measure = std::move(record.has_measure);
}

bool RecordReader::drops_record(Item& item) const {
  const auto filter = first_that_drops(wheres_, false, &mapping_.values(), nullptr);
  if (!filter) return false;
  item.kind = Item::Kind::filtered;
  item.filter = *filter;
  return true;
}

/// Filter after filter; a record is dropped by the one that leaves none of its events.
bool RecordReader::drop_events(Item& item, MappedRecord& record) const {
  for (std::size_t i = 0; i < wheres_.size(); ++i) {
    if (!wheres_[i].needs_event()) continue;
    std::erase_if(record.events, [&](const MappedEvent& event) {
      return !wheres_[i].holds(&mapping_.values(), &event);
    });
    if (!record.events.empty()) continue;
    item.kind = Item::Kind::filtered;
    item.filter = i;
    return true;
  }
  return false;
}

}  // namespace billing::naive
