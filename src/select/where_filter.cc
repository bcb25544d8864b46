#include "select/where_filter.h"

#include <re2/re2.h>

#include <algorithm>
#include <compare>
#include <initializer_list>

#include "base/escape_text.h"
#include "billing/cycle_policy.h"
#include "billing/error.h"

namespace billing {
namespace {

/// Whether a comparison of this kind holds of what is in this order to its literal.
bool holds_in_order(WhereTest::Kind kind, std::strong_ordering order) {
  switch (kind) {
    case WhereTest::Kind::equal:
      return std::is_eq(order);
    case WhereTest::Kind::unequal:
      return std::is_neq(order);
    case WhereTest::Kind::less:
      return std::is_lt(order);
    case WhereTest::Kind::at_most:
      return std::is_lteq(order);
    case WhereTest::Kind::more:
      return std::is_gt(order);
    default:
      return std::is_gteq(order);
  }
}

/// What is true of a field that is missing, or of an object or a list.
bool holds_without_text(WhereTest::Kind kind) {
  return kind == WhereTest::Kind::unequal || kind == WhereTest::Kind::mismatches;
}

bool is_search(WhereTest::Kind kind) {
  return kind == WhereTest::Kind::matches || kind == WhereTest::Kind::mismatches;
}

/// `12.5`: without zeros at the end.
std::string quantity_text(std::int64_t quantity, int digits) {
  const auto places = static_cast<std::size_t>(digits);
  std::string text = std::to_string(quantity < 0 ? -quantity : quantity);
  if (places > 0) {
    if (text.size() <= places) text.insert(0, places + 1 - text.size(), '0');
    text.insert(text.size() - places, 1, '.');
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
  }
  return quantity < 0 ? '-' + text : text;
}

}  // namespace

/// Of one format, expression by expression.
class WhereFilters::Compiler {
 public:
  Compiler(const RecordFormat& format, FieldList& fields, WhereFilters& filters)
      : format_(format), fields_(fields), filters_(filters) {}

  void add(const std::string& text) {
    text_ = text;
    needs_event_ = false;
    const WhereNode tree = parse_where(text);
    Node root = compile(tree);
    filters_.filters_.push_back({std::move(root), needs_event_});
  }

 private:
  bool is_text() const { return format_.is_text(); }

  Node compile(const WhereNode& tree) {
    Node node{tree.kind};
    if (tree.kind == WhereNode::Kind::test) {
      node.test = filters_.tests_.size();
      filters_.tests_.push_back(compile(tree.test));
    }
    for (const WhereNode& part : tree.parts) node.parts.push_back(compile(part));
    return node;
  }

  Test compile(const WhereTest& asked) {
    Test test{asked.kind, source_of(asked.field)};
    if (test.source == Source::field) {
      test.field.place = fields_.place_of({asked.field.name, asked.field.is_verbatim});
    } else {
      needs_event_ = true;
    }
    test.field.piece = asked.field.piece;
    if (is_search(asked.kind)) {
      set_pattern(asked, test);
    } else if (test.source == Source::time) {
      set_times(asked, test);
    } else {
      set_values(asked, test);
    }
    if (test.source == Source::status) set_statuses(test);
    return test;
  }

  /// `time user task status quantity` are the event's, unless they stand in backquotes.
  Source source_of(const WhereField& field) const {
    constexpr std::pair<std::string_view, Source> kSources[] = {
        {"time", Source::time},         {"user", Source::user},
        {"task", Source::task},         {"status", Source::status},
        {"quantity", Source::quantity}, {"duration_ms", Source::quantity},
    };
    const std::size_t count = std::size(kSources) - (is_text() ? 0 : 1);
    for (std::size_t i = 0; i < count; ++i) {
      const auto& [name, source] = kSources[i];
      if (name != field.name || (field.is_verbatim && !is_text())) continue;
      if (source == Source::time && format_.mapping.time == "none")
        fail_where(text_, field.at, "there are no times, as \1time is none");
      if (field.piece != FieldUse::Piece::all && source != Source::user && source != Source::task)
        fail_where(text_, field.at, "this is no list of which there is a first or a last");
      return source;
    }
    if (is_text()) {
      fail_where(text_, field.at,
                 "records of the format text have no field " + quoted_text(field.name) +
                     ", only time, user, task, status, quantity and duration_ms");
    }
    return Source::field;
  }

  void set_pattern(const WhereTest& asked, Test& test) const {
    const WhereValue& value = asked.values.front().low;
    if (test.source == Source::time)
      fail_where(text_, asked.field.at, "times are compared with times, not searched");
    re2::RE2::Options options;
    options.set_log_errors(false);
    test.pattern = std::make_shared<const re2::RE2>(value.text, options);
    if (!test.pattern->ok())
      fail_where(text_, value.at, "this is no pattern: " + escaped_text(test.pattern->error()));
  }

  void set_times(const WhereTest& asked, Test& test) const {
    for (const WhereRange& range : asked.values) {
      const std::int64_t low = instant_of(range.low);
      const std::int64_t high = range.high ? instant_of(*range.high) : low;
      if (high < low) fail_range(*range.high);
      test.times_ns.push_back({low, high, !range.high});
    }
  }

  std::int64_t instant_of(const WhereValue& value) const {
    try {
      return parse_instant_ns(value.text, format_.timezone);
    } catch (const Error& error) {
      fail_where(text_, value.at, error.message());
    }
  }

  [[noreturn]] void fail_range(const WhereValue& high) const {
    fail_where(text_, high.at, "the end of this range is below its beginning");
  }

  void set_values(const WhereTest& asked, Test& test) const {
    for (const WhereRange& range : asked.values) {
      Value low = compiled(range.low, test.source);
      Value high = range.high ? compiled(*range.high, test.source) : Value{};
      if (range.high && low.is_number && high.is_number &&
          *read_decimal_text(high.text, filters_.literal_notation_) <
              *read_decimal_text(low.text, filters_.literal_notation_))
        fail_range(*range.high);
      test.values.push_back({std::move(low), std::move(high), !range.high});
    }
  }

  Value compiled(const WhereValue& value, Source source) const {
    const bool is_number =
        value.is_bare && read_decimal_text(value.text, filters_.literal_notation_).has_value();
    const bool needs_number = source == Source::status || source == Source::quantity;
    if (value.is_bare && !is_number && needs_number) {
      fail_where(text_, value.at,
                 source == Source::status ? "a status is a number; a range of them is in (200..299)"
                                          : "a quantity is a number, in " + format_.quantity.unit);
    }
    return {value.text, is_number};
  }

  /// There are so few that each is asked once.
  void set_statuses(Test& test) const {
    test.statuses[kNoStatus] =
        test.kind == WhereTest::Kind::missing || holds_without_text(test.kind);
    if (test.kind == WhereTest::Kind::missing) return;
    for (std::size_t status = kNoStatus + 1; status <= kMaxStatus; ++status) {
      test.statuses[status] =
          filters_.holds_of_text(test, std::to_string(status), filters_.literal_notation_);
    }
  }

  const RecordFormat& format_;
  FieldList& fields_;
  WhereFilters& filters_;
  std::string_view text_;
  bool needs_event_ = false;
};

WhereFilters::WhereFilters(const RecordFormat& format, FieldList& fields)
    : notation_{.has_exponents = traits_of(format.family).has_exponents,
                .decimal_comma = format.decimal_comma},
      literal_notation_{.has_exponents = notation_.has_exponents, .decimal_comma = false},
      digits_(format.quantity.digits) {
  Compiler compiler(format, fields, *this);
  for (const std::string& expression : format.where) compiler.add(expression);
}

void WhereFilters::ask_with_event(std::size_t place) {
  for (Filter& filter : filters_) filter.needs_event |= names(filter.root, place);
}

bool WhereFilters::need_event() const {
  return std::any_of(filters_.begin(), filters_.end(),
                     [](const Filter& filter) { return filter.needs_event; });
}

bool WhereFilters::names(const Node& node, std::size_t place) const {
  if (node.kind == WhereNode::Kind::test)
    return tests_[node.test].source == Source::field && tests_[node.test].field.place == place;
  return std::any_of(node.parts.begin(), node.parts.end(),
                     [&](const Node& part) { return names(part, place); });
}

std::size_t WhereFilters::dropped_by_fields(const Field* fields) const {
  return first_that_drops(false, {fields, nullptr});
}

std::size_t WhereFilters::dropped_by_event(const Field* fields, const MappedEvent& event) const {
  return first_that_drops(true, {fields, &event});
}

std::size_t WhereFilters::first_that_drops(bool needs_event, const Record& record) const {
  for (std::size_t i = 0; i < filters_.size(); ++i) {
    const Filter& filter = filters_[i];
    if (filter.needs_event == needs_event && !holds(filter.root, record)) return i;
  }
  return kNone;
}

bool WhereFilters::holds(const Node& node, const Record& record) const {
  const auto holds_part = [&](const Node& part) { return holds(part, record); };
  switch (node.kind) {
    case WhereNode::Kind::test:
      return holds(tests_[node.test], record);
    case WhereNode::Kind::negation:
      return !holds(node.parts.front(), record);
    case WhereNode::Kind::all:
      return std::all_of(node.parts.begin(), node.parts.end(), holds_part);
    case WhereNode::Kind::any:
      return std::any_of(node.parts.begin(), node.parts.end(), holds_part);
  }
  __builtin_unreachable();
}

bool WhereFilters::holds(const Test& test, const Record& record) const {
  switch (test.source) {
    case Source::field:
      return holds_of(test, piece_of(record.fields[test.field.place], test.field.piece));
    case Source::user:
      return holds_of(test, piece_of(Field::of(record.event->user, 0), test.field.piece));
    case Source::task:
      return holds_of(test, piece_of(Field::of(record.event->task, 0), test.field.piece));
    case Source::status:
      return test.statuses[record.event->status];
    case Source::quantity:
      if (test.kind == WhereTest::Kind::missing) return false;
      return holds_of_text(test, quantity_text(record.event->quantity, digits_), literal_notation_);
    case Source::time:
      break;
  }
  const std::int64_t time_ns = record.event->time_ns;
  if (test.kind == WhereTest::Kind::missing) return false;
  if (test.kind != WhereTest::Kind::among)
    return holds_in_order(test.kind, time_ns <=> test.times_ns.front().low);
  return std::any_of(test.times_ns.begin(), test.times_ns.end(), [&](const auto& range) {
    return time_ns >= range.low && time_ns <= range.high;
  });
}

bool WhereFilters::holds_of(const Test& test, const Field& field) const {
  if (test.kind == WhereTest::Kind::missing) return field.is_missing();
  if (field.kind != Field::Kind::text) return holds_without_text(test.kind);
  return holds_of_text(test, field.text,
                       test.source == Source::field ? notation_ : literal_notation_);
}

bool WhereFilters::holds_of_text(const Test& test, std::string_view text,
                                 QuantityNotation notation) const {
  if (is_search(test.kind)) {
    const bool is_found = test.pattern->Match({text.data(), text.size()}, 0, text.size(),
                                              re2::RE2::UNANCHORED, nullptr, 0);
    return is_found == (test.kind == WhereTest::Kind::matches);
  }
  std::optional<DecimalText> number;
  bool is_read = false;
  const auto order_to = [&](const Value& value) -> std::strong_ordering {
    if (value.is_number && !is_read) {
      number = read_decimal_text(text, notation);
      is_read = true;
    }
    if (!value.is_number || !number) return text.compare(value.text) <=> 0;
    return *number <=> *read_decimal_text(value.text, literal_notation_);
  };
  if (test.kind != WhereTest::Kind::among)
    return holds_in_order(test.kind, order_to(test.values.front().low));
  return std::any_of(test.values.begin(), test.values.end(), [&](const auto& range) {
    const std::strong_ordering to_low = order_to(range.low);
    return range.is_single ? std::is_eq(to_low)
                           : std::is_gteq(to_low) && std::is_lteq(order_to(range.high));
  });
}

}  // namespace billing
