#include "naive/duplicates.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "base/escape_text.h"
#include "billing/error.h"
#include "naive/ascii.h"

namespace billing::naive {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw Error(ErrorKind::configuration, "\1dedupe-by: " + what);
}

bool is_of_event(std::string_view text) {
  return text == "time" || text == "user" || text == "task" || text == "status" ||
         text == "quantity";
}

/// As the names of the event stand among selectors: bare.
std::string bare_name(const Source& source, std::string_view text) {
  const bool is_bare = source.kind == Source::Kind::field && !source.field.is_exact &&
                       source.piece == Source::Piece::whole && trimmed(text) == source.field.name;
  return is_bare ? source.field.name : "";
}

std::string text_of(const std::string& part, const MappedEvent& event) {
  if (part == "time") return std::to_string(event.time_ns);
  if (part == "user") return event.user;
  if (part == "task") return event.task;
  if (part == "quantity") return std::to_string(event.quantity);
  return event.status == 0 ? "" : std::to_string(event.status);
}

auto order_of(const WaitingEvent& waiting) {
  const MappedEvent& event = waiting.event;
  return std::tie(event.time_ns, event.user, event.task, event.status, event.quantity,
                  waiting.input, waiting.offset_bytes);
}

}  // namespace

KeyRule::KeyRule(const RecordFormat& format, const RecordValues* values)
    : keeps_missing_(format.dedupe.keeps_missing), outer_spaces_(" \t\r\n") {
  const std::string& by = format.dedupe.by;
  if (format.family == FormatFamily::csv) std::erase(outer_spaces_, format.separator);
  if (by.empty()) return;
  is_record_ = trimmed(by) == "record";
  if (is_record_) return;
  for (const std::string_view text : split_alternatives(by)) {
    const Selector selector = parse_selector("dedupe-by", text);
    if (selector.is_none) fail("none is no field");
    const Source& source = selector.alternatives.front().front();
    const std::string name = bare_name(source, text);
    if (name == "record") fail("record stands alone");
    if (source.kind == Source::Kind::constant) fail(quoted_text(text) + " is no field");
    if (is_of_event(name)) {
      if (name == "time" && format.mapping.time == "none") fail("there are no times");
      parts_.push_back({name, {}});
      continue;
    }
    if (values == nullptr) fail("there is no field " + quoted_text(text));
    values->check("dedupe-by", selector);
    parts_.push_back({"", source});
  }
}

std::variant<DuplicateKey, Flaw> KeyRule::key_of(const RecordValues* values,
                                                 const MappedEvent& event,
                                                 std::string_view record) const {
  if (is_record_) {
    while (!record.empty() && outer_spaces_.find(record.front()) != std::string::npos)
      record.remove_prefix(1);
    while (!record.empty() && outer_spaces_.find(record.back()) != std::string::npos)
      record.remove_suffix(1);
    return DuplicateKey(record);
  }
  std::string key;
  bool is_whole = true;
  for (const Part& part : parts_) {
    Value value;
    if (part.of_event.empty()) {
      value = values->value(part.source);
    } else {
      value.text = text_of(part.of_event, event);
      value.kind = value.text.empty() ? Value::Kind::missing : Value::Kind::text;
    }
    const bool is_bad = value.kind == Value::Kind::composite;
    if (is_bad || (value.is_missing() && !keeps_missing_))
      return Flaw{RejectReason::bad_record, value.column};
    is_whole = is_whole && !value.is_missing();
    key += std::to_string(value.text.size()) + ':' + value.text;
  }
  return is_whole ? DuplicateKey(key) : DuplicateKey();
}

void Duplicates::add(const DuplicateKey& key, WaitingEvent event) {
  (key ? by_key_[*key] : without_key_).push_back(std::move(event));
}

Duplicates::Parted Duplicates::part(bool keeps_largest) {
  Parted parted;
  parted.kept = std::move(without_key_);
  for (auto& [key, events] : by_key_) {
    std::sort(events.begin(), events.end(), [&](const WaitingEvent& a, const WaitingEvent& b) {
      if (keeps_largest && a.event.quantity != b.event.quantity)
        return a.event.quantity > b.event.quantity;
      return order_of(a) < order_of(b);
    });
    parted.kept.push_back(std::move(events.front()));
    std::move(events.begin() + 1, events.end(), std::back_inserter(parted.dropped));
  }
  by_key_.clear();
  std::sort(parted.dropped.begin(), parted.dropped.end(),
            [](const WaitingEvent& a, const WaitingEvent& b) {
              return std::tie(a.input, a.offset_bytes) < std::tie(b.input, b.offset_bytes);
            });
  return parted;
}

}  // namespace billing::naive
