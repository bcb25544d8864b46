#include "mapping/event_mapper.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>

#include "base/escape_text.h"
#include "base/split_list.h"
#include "base/utf8.h"
#include "billing/error.h"
#include "billing/event_batch.h"
#include "mapping/status_reader.h"
#include "mapping/task_name.h"

namespace billing {
namespace {

/// In place of a task, or of a part of a template, that is missing.
constexpr std::string_view kDash = "-";

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

EventMapper::EventMapper(const RecordFormat& format, const UnitOfField& unit_of)
    : time_(parse_selector("time", format.mapping.time, SelectorUse::time, fields_)),
      user_(parse_selector("user", format.mapping.user, SelectorUse::user, fields_)),
      task_(parse_selector("task", format.mapping.task, SelectorUse::task, fields_)),
      status_(parse_selector("status-from", format.mapping.status, SelectorUse::status, fields_)),
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
  if (format.measures.empty())
    quantity_ = make_quantity("quantity", format.mapping.quantity, format, unit_of);
  check_measures(format.measures);
  for (const Measure& measure : format.measures) {
    measures_.push_back(
        {"." + measure.name, make_quantity("measure", measure.quantity, format, unit_of)});
  }
  for (const std::string& pattern : format.task_patterns) patterns_.emplace_back(pattern);
  find_quick_places();
}

/// The time and the quantity are the fields that their selectors name first, or the quantity is a
/// constant; the user is one of the first two.
void EventMapper::find_quick_places() {
  if (!measures_.empty()) return;
  const bool is_constant =
      quantity_.selector.alternatives.front().kind == Alternative::Kind::constant;
  if (time_.plain_place == Selector::kNoPlace || user_.plain_place == Selector::kNoPlace ||
      task_.is_none || (!status_.is_none && status_.plain_place == Selector::kNoPlace) ||
      (!is_constant && quantity_.selector.plain_place == Selector::kNoPlace))
    return;
  quick_ = {.is_possible = true,
            .time = time_.plain_place,
            .user = user_.plain_place,
            .other_user = user_.plain_place,
            .task = task_.plain_place,
            .status = status_.plain_place,
            .quantity = quantity_.selector.plain_place};
  if (user_.alternatives.size() == 1) return;
  const Alternative& other = user_.alternatives[1];
  if (other.kind == Alternative::Kind::field && other.field.piece == FieldUse::Piece::all)
    quick_.other_user = other.field.place;
}

std::optional<EventMapper::RequestTask> EventMapper::request_task() const {
  if (!quick_.is_possible || quick_.task != Selector::kNoPlace || !patterns_.empty())
    return std::nullopt;
  const Alternative& task = task_.alternatives.front();
  if (task.kind != Alternative::Kind::joined || task.parts.size() != 2) return std::nullopt;
  const TemplatePart& method = task.parts[0];
  const TemplatePart& path = task.parts[1];
  if (!method.literal.empty() || !method.has_field || method.field.is_path || path.literal != " " ||
      !path.has_field || !path.field.is_path)
    return std::nullopt;
  for (const std::size_t place :
       {quick_.time, quick_.user, quick_.other_user, quick_.status, quick_.quantity}) {
    if (place == method.field.place || place == path.field.place) return std::nullopt;
  }
  return RequestTask{method.field.place, path.field.place, folds_ids_};
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

void EventMapper::make_of_time(std::size_t place, TimePart part, const std::string& zone) {
  for (const Alternative& alternative : time_.alternatives) {
    const auto is_it = [place](const TemplatePart& one) {
      return one.has_field && one.field.place == place;
    };
    const bool is_field =
        alternative.kind == Alternative::Kind::field && alternative.field.place == place;
    if (is_field || std::any_of(alternative.parts.begin(), alternative.parts.end(), is_it))
      fail("time", quoted_text(fields_.names()[place].name) + " is made of the time itself");
  }
  quick_.is_possible = false;
  if (!time_parts_) time_parts_.emplace(zone);
  time_parts_->add(place, part);
}

void EventMapper::fill_time_parts(std::int64_t time_ns, Field* fields, BatchText& texts) const {
  if (time_.is_none) return time_parts_->fill(std::nullopt, 0, fields, texts);
  Field made;
  time_parts_->fill(time_ns, choose(time_, fields, texts, made).field->at, fields, texts);
}

bool EventMapper::map_fields(Field* fields, BatchText& texts, MappedEvent& event,
                             MappingFlaw& flaw) const {
  if (!map_time(fields, texts, event.time_ns, flaw)) return false;
  if (time_parts_) [[unlikely]]
    fill_time_parts(event.time_ns, fields, texts);
  return map_name(user_, RejectReason::bad_user, fields, texts, event.user, flaw) &&
         map_name(task_, RejectReason::bad_task, fields, texts, event.task, flaw) &&
         map_status(fields, texts, event.status, flaw);
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
    // Otherwise it is once the measure's name stands behind it.
    if (measures_.empty()) name = shortened_task(name, texts);
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

}  // namespace billing
