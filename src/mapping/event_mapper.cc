#include "mapping/event_mapper.h"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "base/escape_text.h"
#include "base/split_list.h"
#include "base/utf8.h"
#include "billing/error.h"
#include "billing/event_batch.h"
#include "mapping/status_reader.h"

namespace billing {
namespace {

/// In place of a task, or of a part of a template, that is missing.
constexpr std::string_view kDash = "-";

Field used(const FieldUse& use, const Field* fields) {
  return piece_of(fields[use.place], use.piece);
}

/// A task that a template made too long for a name: its beginning, cut at a character's border, and
/// a hash of all of it, so that two tasks stay two.
std::string_view shortened(std::string_view task, BatchText& texts) {
  constexpr std::size_t kKeptBytes = 234;
  constexpr std::size_t kHexDigits = 16;
  std::size_t kept = kKeptBytes;
  while (kept > 0 && (static_cast<unsigned char>(task[kept]) & 0xC0) == 0x80) --kept;
  char* const to = texts.reserve(kept + 1 + kHexDigits);
  std::memcpy(to, task.data(), kept);
  to[kept] = '~';
  const XXH64_hash_t hash = XXH3_64bits(task.data(), task.size());
  for (std::size_t i = 0; i < kHexDigits; ++i) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    to[kept + 1 + i] = kDigits[hash >> (60 - 4 * i) & 0xF];
  }
  return texts.keep(kept + 1 + kHexDigits);
}

/// The text of a template's field.
struct Piece {
  const char* data;
  std::size_t size;
};

/// Whether `literal`, and nothing else, stands from `end` of one text of a record to `begin` of
/// another one.
bool holds_between(const char* end, const char* begin, std::string_view literal) {
  if (begin != end + literal.size()) return false;
  return std::equal(literal.begin(), literal.end(), end);
}

[[noreturn]] void fail(std::string_view setting, const std::string& what) {
  throw Error(ErrorKind::configuration,
              std::string(1, kSettingMark) + std::string(setting) + ": " + what);
}

void check_constant_names(std::string_view setting, const Selector& selector) {
  for (const Alternative& alternative : selector.alternatives) {
    if (alternative.kind != Alternative::Kind::constant) continue;
    if (!is_valid_name(alternative.constant))
      fail(setting, quoted_text(alternative.constant) + " is no name");
  }
}

}  // namespace

EventMapper::EventMapper(const RecordFormat& format)
    : time_(parse_selector("time", format.mapping.time, SelectorUse::time, fields_)),
      user_(parse_selector("user", format.mapping.user, SelectorUse::user, fields_)),
      task_(parse_selector("task", format.mapping.task, SelectorUse::task, fields_)),
      status_(parse_selector("status-from", format.mapping.status, SelectorUse::status, fields_)),
      quantity_(
          parse_selector("quantity", format.mapping.quantity, SelectorUse::quantity, fields_)),
      folds_ids_(format.folds_ids) {
  check_constant_names("user", user_);
  check_constant_names("task", task_);
  for (const Alternative& alternative : time_.alternatives) {
    if (alternative.kind == Alternative::Kind::constant) fail("time", "a time is no constant");
    time_readers_.emplace_back(alternative.suffix, format.input_timezone);
  }
  for (const Alternative& alternative : status_.alternatives) {
    std::uint16_t status = 0;
    if (alternative.kind == Alternative::Kind::constant &&
        !read_status(alternative.constant, status))
      fail("status-from", quoted_text(alternative.constant) + " is no status");
  }
  const QuantityNotation notation{.has_exponents = format.family != FormatFamily::web,
                                  .decimal_comma = format.decimal_comma};
  for (const Alternative& alternative : quantity_.alternatives) {
    auto& readers = quantity_readers_.emplace_back();
    std::int64_t& constant = quantity_constants_.emplace_back();
    is_list_of_servers_.push_back(
        format.family == FormatFamily::web && alternative.kind == Alternative::Kind::field &&
        alternative.field.piece == FieldUse::Piece::all &&
        fields_.names()[alternative.field.place].name.starts_with("upstream_"));
    if (alternative.kind == Alternative::Kind::sum) {
      for (const Term& term : alternative.terms)
        readers.emplace_back(term.unit, format.quantity, format.excess_digits, notation);
      continue;
    }
    readers.emplace_back(alternative.suffix, format.quantity, format.excess_digits, notation);
    if (alternative.kind != Alternative::Kind::constant) continue;
    if (readers.back().read(alternative.constant, constant) != QuantityReader::Result::good) {
      fail("quantity", quoted_text(alternative.constant) + " is no quantity in " +
                           format.quantity.unit + " with " +
                           std::to_string(format.quantity.digits) + " decimal digits");
    }
  }
  for (const std::string& pattern : format.task_patterns) patterns_.emplace_back(pattern);
}

EventMapper::Choice EventMapper::choose_among(const Selector& selector, const Field* fields,
                                              BatchText& texts, Field& made) const {
  Field first;
  for (std::size_t i = 0; i < selector.alternatives.size(); ++i) {
    const Alternative& alternative = selector.alternatives[i];
    Field field;
    switch (alternative.kind) {
      case Alternative::Kind::constant:
        made = {alternative.constant, 0, Field::Kind::text};
        return {&made, i};
      case Alternative::Kind::field:
        field = used(alternative.field, fields);
        if (alternative.field.is_path && field.kind == Field::Kind::text)
          field.text = folded(field.text, texts);
        break;
      case Alternative::Kind::joined:
        field = join(alternative.parts, fields, texts);
        break;
      case Alternative::Kind::sum:  // of quantities, which are chosen elsewhere
        break;
    }
    if (!field.is_missing()) {
      made = field;
      return {&made, i};
    }
    if (i == 0) first = field;
  }
  made = first;
  return {&made, 0};
}

/// Often the record holds the text just as it is wanted (`GET /v1/a` of `GET /v1/a HTTP/1.1`); only
/// where it does not, it is put together.
Field EventMapper::join(const std::vector<TemplatePart>& parts, const Field* fields,
                        BatchText& texts) const {
  constexpr std::size_t kFewParts = 16;
  std::array<Piece, kFewParts> few;  // most of it is never touched
  std::vector<Piece> many;
  Piece* pieces = few.data();
  if (parts.size() > kFewParts) {
    many.resize(parts.size());
    pieces = many.data();
  }
  Field joined;
  bool has_place = false;
  const char* whole_end = nullptr;  // the record holds all parts so far, up to here
  std::size_t all_bytes = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const TemplatePart& part = parts[i];
    std::string_view text;
    bool is_text = false;
    if (part.has_field) {
      const Field& field = fields[part.field.place];
      if (!has_place) joined.at = field.at;
      has_place = true;
      if (field.kind == Field::Kind::composite) return {{}, field.at, field.kind};
      is_text = !field.is_missing();
      if (is_text) joined.kind = Field::Kind::text;
      text = !is_text ? kDash : part.field.is_path ? folded(field.text, texts) : field.text;
    }
    const bool is_behind = i == 0 ? part.literal.empty()
                                  : whole_end != nullptr && is_text &&
                                        holds_between(whole_end, text.data(), part.literal);
    whole_end = is_text && is_behind ? text.data() + text.size() : nullptr;
    all_bytes += part.literal.size() + text.size();
    pieces[i] = {text.data(), text.size()};
  }
  if (joined.is_missing()) return joined;
  if (whole_end != nullptr) {
    joined.text = {pieces[0].data, all_bytes};
    return joined;
  }
  char* const to = texts.reserve(all_bytes);
  char* at = to;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    at = std::copy(parts[i].literal.begin(), parts[i].literal.end(), at);
    at = std::copy_n(pieces[i].data, pieces[i].size, at);
  }
  joined.text = texts.keep(all_bytes);
  return joined;
}

std::string_view EventMapper::folded(std::string_view path, BatchText& texts) const {
  for (const PathPattern& pattern : patterns_) {
    if (pattern.matches(path)) return pattern.text();
  }
  return folds_ids_ ? fold_ids(path, texts) : path;
}

bool EventMapper::map_fields(const Field* fields, BatchText& texts, MappedEvent& event,
                             MappingFlaw& flaw) const {
  return map_time(fields, texts, event.time_ns, flaw) &&
         map_name(user_, RejectReason::bad_user, fields, texts, event.user, flaw) &&
         map_name(task_, RejectReason::bad_task, fields, texts, event.task, flaw) &&
         map_status(fields, texts, event.status, flaw) &&
         map_quantity(fields, texts, event.quantity, flaw);
}

bool EventMapper::map_time(const Field* fields, BatchText& texts, std::int64_t& ns,
                           MappingFlaw& flaw) const {
  ns = 0;
  if (time_.is_none) return true;
  Field made;
  const Choice choice = choose(time_, fields, texts, made);
  if (choice.field->kind == Field::Kind::text &&
      time_readers_[choice.alternative].read(choice.field->text, ns))
    return true;
  flaw = {RejectReason::bad_time, choice.field->at};
  return false;
}

bool EventMapper::map_name(const Selector& selector, RejectReason reason, const Field* fields,
                           BatchText& texts, std::string_view& name, MappingFlaw& flaw) const {
  name = kDash;
  if (selector.is_none) return true;
  Field made;
  const Choice choice = choose(selector, fields, texts, made);
  const bool is_task = &selector == &task_;
  if (choice.field->is_missing() && is_task) return true;
  name = choice.field->text;
  const bool is_tight = !name.starts_with(' ') && !name.ends_with(' ');
  if (choice.field->kind == Field::Kind::text && is_tight && is_valid_name(name)) return true;
  const bool is_joined =
      !choice.field->is_missing() &&
      selector.alternatives[choice.alternative].kind == Alternative::Kind::joined;
  if (is_task && is_joined && is_tight && name.size() > kMaxNameBytes && is_valid_text(name)) {
    name = shortened(name, texts);
    return true;
  }
  flaw = {reason, choice.field->at};
  return false;
}

bool EventMapper::map_status(const Field* fields, BatchText& texts, std::uint16_t& status,
                             MappingFlaw& flaw) const {
  status = kNoStatus;
  if (status_.is_none) return true;
  Field made;
  const Choice choice = choose(status_, fields, texts, made);
  if (choice.field->is_missing()) return true;
  if (choice.field->kind == Field::Kind::text && read_status(choice.field->text, status))
    return true;
  flaw = {RejectReason::bad_status, choice.field->at};
  return false;
}

bool EventMapper::map_quantity(const Field* fields, BatchText& texts, std::int64_t& quantity,
                               MappingFlaw& flaw) const {
  if (quantity_.plain_place != Selector::kNoPlace) {
    const Field& field = fields[quantity_.plain_place];
    if (field.kind == Field::Kind::text &&
        quantity_readers_[0][0].read(field.text, quantity) == QuantityReader::Result::good)
      return true;
  }
  return map_quantity_among(fields, texts, quantity, flaw);
}

bool EventMapper::map_quantity_among(const Field* fields, BatchText& texts, std::int64_t& quantity,
                                     MappingFlaw& flaw) const {
  std::uint32_t missing_at = 0;
  for (std::size_t i = 0; i < quantity_.alternatives.size(); ++i) {
    const Alternative& alternative = quantity_.alternatives[i];
    if (alternative.kind == Alternative::Kind::constant) {
      quantity = quantity_constants_[i];
      return true;
    }
    if (alternative.kind == Alternative::Kind::sum) {
      std::uint32_t at = 0;
      switch (read_sum(alternative, quantity_readers_[i], fields, quantity, at)) {
        case SumResult::good:
          return true;
        case SumResult::bad:
          flaw = {RejectReason::bad_quantity, at};
          return false;
        case SumResult::missing:
          if (i == 0) missing_at = at;
          continue;
      }
    }
    const Field field = alternative.kind == Alternative::Kind::field
                            ? used(alternative.field, fields)
                            : join(alternative.parts, fields, texts);
    const SumResult list = is_list_of_servers_[i] && field.kind == Field::Kind::text
                               ? read_list(field.text, quantity_readers_[i][0], quantity)
                               : SumResult::bad;
    if (list == SumResult::good) return true;
    if (field.is_missing() || list == SumResult::missing) {
      if (i == 0) missing_at = field.at;
      continue;
    }
    if (field.kind == Field::Kind::text &&
        quantity_readers_[i][0].read(field.text, quantity) == QuantityReader::Result::good)
      return true;
    flaw = {RejectReason::bad_quantity, field.at};
    return false;
  }
  flaw = {RejectReason::bad_quantity, missing_at};
  return false;
}

/// `0.010, 0.020 : -`: a number for each server that was asked, `-` where none answered.
EventMapper::SumResult EventMapper::read_list(std::string_view list, const QuantityReader& reader,
                                              std::int64_t& quantity) {
  ExactDecimal total;
  bool is_missing = true;
  while (true) {
    const std::size_t end = std::min(list.find_first_of(",:"), list.size());
    const std::string_view piece = trimmed(list.substr(0, end), " \t");
    if (piece != kDash) {
      ExactDecimal part;
      if (!reader.read_exact(piece, part) || !total.add(part)) return SumResult::bad;
      is_missing = false;
    }
    if (end == list.size()) break;
    list.remove_prefix(end + 1);
  }
  if (is_missing) return SumResult::missing;
  const bool is_good = reader.finish(total, quantity) == QuantityReader::Result::good;
  return is_good ? SumResult::good : SumResult::bad;
}

/// Parts are added up exactly; digits and bounds are looked at of what they come to. `at` is the
/// part that is missing or bad.
EventMapper::SumResult EventMapper::read_sum(const Alternative& sum,
                                             const std::vector<QuantityReader>& readers,
                                             const Field* fields, std::int64_t& quantity,
                                             std::uint32_t& at) const {
  ExactDecimal total;
  for (std::size_t i = 0; i < sum.terms.size(); ++i) {
    const Field field = used(sum.terms[i].field, fields);
    if (i == 0 || field.kind != Field::Kind::text) at = field.at;
    if (field.is_missing()) return SumResult::missing;
    ExactDecimal part;
    if (field.kind != Field::Kind::text || !readers[i].read_exact(field.text, part)) {
      at = field.at;
      return SumResult::bad;
    }
    if (sum.terms[i].is_subtracted) part.negate();
    if (!total.add(part)) return SumResult::bad;
  }
  const bool is_good = readers[0].finish(total, quantity) == QuantityReader::Result::good;
  return is_good ? SumResult::good : SumResult::bad;
}

}  // namespace billing
