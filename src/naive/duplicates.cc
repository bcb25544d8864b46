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

auto order_of(const MappedEvent& event) {
  return std::tie(event.time_ns, event.user, event.task, event.status, event.quantity);
}

bool is_smaller(const MappedEvent& a, const MappedEvent& b) { return order_of(a) < order_of(b); }

bool is_smaller(const WaitingRecord& a, const WaitingRecord& b) {
  const auto is_before = [](const std::vector<MappedEvent>& one,
                            const std::vector<MappedEvent>& other) {
    return std::lexicographical_compare(
        one.begin(), one.end(), other.begin(), other.end(),
        [](const MappedEvent& left, const MappedEvent& right) { return is_smaller(left, right); });
  };
  if (is_before(a.events, b.events)) return true;
  if (is_before(b.events, a.events)) return false;
  return std::tie(a.input, a.text_at) < std::tie(b.input, b.text_at);
}

Int128 sum_of(const WaitingRecord& waiting) {
  Int128 sum = 0;
  for (const MappedEvent& event : waiting.events) sum += event.quantity;
  return sum;
}

}  // namespace

/// With measures, all tasks or all quantities as one text.
std::string KeyRule::text_of(const std::string& part,
                             const std::vector<MappedEvent>& events) const {
  const MappedEvent& first = events.front();
  if (part == "time") return std::to_string(first.time_ns);
  if (part == "user") return first.user;
  if (part == "status") return first.status == 0 ? "" : std::to_string(first.status);
  std::string text;
  for (const MappedEvent& event : events) {
    const std::string own = part == "task" ? event.task : std::to_string(event.quantity);
    text += has_measures_ ? std::to_string(own.size()) + ':' + own : own;
  }
  return text;
}

KeyRule::KeyRule(const RecordFormat& format, const RecordValues* values)
    : has_measures_(!format.measures.empty()),
      keeps_missing_(format.dedupe.keeps_missing),
      outer_spaces_(" \t\r\n") {
  const std::string& by = format.dedupe.by;
  const bool has_cells = format.family == FormatFamily::csv || format.family == FormatFamily::w3c;
  if (has_cells) std::erase(outer_spaces_, format.separator);
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
                                                 const std::vector<MappedEvent>& events,
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
      value = values->whole_value(part.source);
    } else {
      value.text = text_of(part.of_event, events);
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

void Duplicates::add(const DuplicateKey& key, WaitingRecord record) {
  (key ? by_key_[*key] : without_key_).push_back(std::move(record));
}

Duplicates::Parted Duplicates::part(bool keeps_largest) {
  Parted parted;
  parted.kept = std::move(without_key_);
  for (auto& [key, records] : by_key_) {
    std::sort(records.begin(), records.end(), [&](const WaitingRecord& a, const WaitingRecord& b) {
      if (keeps_largest && sum_of(a) != sum_of(b)) return sum_of(a) > sum_of(b);
      return is_smaller(a, b);
    });
    parted.kept.push_back(std::move(records.front()));
    std::move(records.begin() + 1, records.end(), std::back_inserter(parted.dropped));
  }
  by_key_.clear();
  std::sort(parted.dropped.begin(), parted.dropped.end(),
            [](const WaitingRecord& a, const WaitingRecord& b) {
              return std::tie(a.input, a.text_at) < std::tie(b.input, b.text_at);
            });
  return parted;
}

}  // namespace billing::naive
