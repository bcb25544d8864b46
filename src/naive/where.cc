#include "naive/where.h"

#include <re2/re2.h>

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include "base/escape_text.h"
#include "billing/cycle_policy.h"
#include "billing/error.h"
#include "naive/ascii.h"
#include "naive/where_parser.h"

namespace billing::naive {
namespace {

[[noreturn]] void fail(const std::string& expression, const std::string& what) {
  throw Error(ErrorKind::configuration, "\1where: " + quoted_text(expression) + ": " + what);
}

/// How tightly an operator binds.
int strength_of(std::string_view word) { return word == "not" ? 3 : word == "and" ? 2 : 1; }

/// `12.5`, of 12500 with three digits behind the point.
std::string decimal_text(std::int64_t quantity, int digits) {
  std::string text = std::to_string(quantity);
  std::string sign;
  if (text.front() == '-') {
    sign = "-";
    text.erase(0, 1);
  }
  const auto places = static_cast<std::size_t>(digits);
  while (text.size() <= places) text.insert(0, 1, '0');
  std::string fraction = text.substr(text.size() - places);
  while (fraction.ends_with("0")) fraction.pop_back();
  text.resize(text.size() - places);
  return sign + text + (fraction.empty() ? "" : "." + fraction);
}

/// -1, 0 or 1: by what is left where one is taken from the other.
int order_of(const Decimal& a, Decimal b) {
  b.is_negative = !b.is_negative && !b.digits.empty();
  const Decimal difference = sum(a, b);
  return difference.digits.empty() ? 0 : difference.is_negative ? -1 : 1;
}

bool holds_in_order(const std::string& sign, int order) {
  if (sign == "=") return order == 0;
  if (sign == "!=") return order != 0;
  if (sign == "<") return order < 0;
  if (sign == "<=") return order <= 0;
  if (sign == ">") return order > 0;
  return order >= 0;
}

void complete(WhereTest& test, const std::string& expression, const RecordFormat& format) {
  const bool is_text = format.family == FormatFamily::text;
  const FieldName& field = test.source.field;
  for (const char* const name : {"time", "user", "task", "status", "quantity"}) {
    if (field.name == name && (is_text || !field.is_exact)) test.subject = name;
  }
  if (is_text && field.name == "duration_ms") test.subject = "quantity";
  if (is_text && test.subject.empty()) fail(expression, "no such field");
  if (test.sign.ends_with('~')) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    test.pattern = std::make_shared<const re2::RE2>(test.literals.front().first.text, options);
    if (!test.pattern->ok()) fail(expression, "no pattern");
  } else if (test.subject == "time") {
    for (auto& [low, high] : test.literals) {
      low.time_ns = parse_instant_ns(low.text, format.timezone);
      if (high) high->time_ns = parse_instant_ns(high->text, format.timezone);
    }
  }
}

/// A piece of a name that is a list.
Value name_value(const std::string& name, Source::Piece piece) {
  Value value{Value::Kind::text, name};
  if (name.empty()) value.kind = Value::Kind::missing;  // the task of a record that bills nothing
  if (piece == Source::Piece::whole) return value;
  const std::size_t comma = piece == Source::Piece::first ? name.find(',') : name.rfind(',');
  if (comma != std::string::npos && piece == Source::Piece::first) value.text.resize(comma);
  if (comma != std::string::npos && piece == Source::Piece::last) value.text.erase(0, comma + 1);
  value.text = trimmed(std::string(value.text));
  if (value.text.empty()) value.kind = Value::Kind::missing;
  return value;
}

}  // namespace

Where::Where(const std::string& expression, const RecordFormat& format)
    : of_fields_{format.family != FormatFamily::web && format.family != FormatFamily::text,
                 format.decimal_comma, true},
      of_literals_{of_fields_.has_exponent, false, true},
      digits_(format.quantity.digits) {
  // The shunting yard: operators wait until what binds less tightly comes.
  std::vector<std::string> waiting;
  const auto place_last = [&] {
    const std::string word = waiting.back();
    waiting.pop_back();
    if (word == "(") fail(expression, "a ( is not closed");
    steps_.emplace_back(word == "not"   ? Step::invert
                        : word == "and" ? Step::both
                                        : Step::either,
                        WhereTest{});
  };
  for (WhereToken& token : tokens_of_where(expression)) {
    if (token.word.empty()) {
      complete(token.test, expression, format);
      steps_.emplace_back(Step::test, std::move(token.test));
    } else if (token.word == ")") {
      while (!waiting.empty() && waiting.back() != "(") place_last();
      if (waiting.empty()) fail(expression, "a ) closes nothing");
      waiting.pop_back();
    } else {
      while (token.word != "(" && token.word != "not" && !waiting.empty() &&
             waiting.back() != "(" && strength_of(waiting.back()) >= strength_of(token.word))
        place_last();
      waiting.push_back(token.word);
    }
  }
  while (!waiting.empty()) place_last();
}

bool Where::needs_event() const {
  return is_asked_with_event_ || std::any_of(steps_.begin(), steps_.end(), [](const auto& step) {
           return !step.second.subject.empty();
         });
}

Selector Where::fields() const {
  Selector selector;
  for (const auto& [step, test] : steps_) {
    if (step == Step::test && test.subject.empty()) selector.alternatives.push_back({test.source});
  }
  return selector;
}

bool Where::holds(const RecordValues* values, const MappedEvent* event) const {
  std::vector<bool> truths;
  for (const auto& [step, test] : steps_) {
    if (step == Step::test) {
      truths.push_back(holds(test, values, event));
      continue;
    }
    const bool last = truths.back();
    truths.pop_back();
    if (step == Step::invert) {
      truths.push_back(!last);
    } else {
      const bool before = truths.back();
      truths.back() = step == Step::both ? before && last : before || last;
    }
  }
  return truths.front();
}

Value Where::subject_of(const WhereTest& test, const RecordValues* values,
                        const MappedEvent* event) const {
  if (test.subject.empty()) return values->value(test.source);
  if (test.subject == "user") return name_value(event->user, test.source.piece);
  if (test.subject == "task") return name_value(event->task, test.source.piece);
  if (test.subject == "quantity")
    return {Value::Kind::text, decimal_text(event->quantity, digits_)};
  if (test.subject == "status" && event->status == 0) return {};
  return {Value::Kind::text, std::to_string(event->status)};  // of a time nobody looks at it
}

bool Where::holds(const WhereTest& test, const RecordValues* values,
                  const MappedEvent* event) const {
  const Value value = subject_of(test, values, event);
  if (test.sign == "missing") return value.is_missing();
  if (value.kind != Value::Kind::text) return test.sign == "!=" || test.sign == "!~";
  if (test.pattern) {
    const bool is_found = re2::RE2::PartialMatch(value.text, *test.pattern);
    return is_found == (test.sign == "~");
  }
  if (test.sign != "in")
    return holds_in_order(test.sign, order(test, value, event, test.literals.front().first));
  for (const auto& [low, high] : test.literals) {
    const int to_low = order(test, value, event, low);
    if (high ? to_low >= 0 && order(test, value, event, *high) <= 0 : to_low == 0) return true;
  }
  return false;
}

int Where::order(const WhereTest& test, const Value& value, const MappedEvent* event,
                 const WhereLiteral& literal) const {
  if (test.subject == "time")
    return event->time_ns < literal.time_ns ? -1 : event->time_ns > literal.time_ns ? 1 : 0;
  if (literal.is_bare) {
    const auto number = parse_decimal(value.text, test.subject.empty() ? of_fields_ : of_literals_);
    const auto other = parse_decimal(literal.text, of_literals_);
    if (number && other) return order_of(*number, *other);
  }
  return value.text < literal.text ? -1 : value.text > literal.text ? 1 : 0;
}

std::vector<Where> wheres_of(const RecordFormat& format) {
  std::vector<Where> wheres;
  for (const std::string& expression : format.where) wheres.emplace_back(expression, format);
  return wheres;
}

std::optional<std::size_t> first_that_drops(const std::vector<Where>& wheres, bool needs_event,
                                            const RecordValues* values, const MappedEvent* event) {
  for (std::size_t i = 0; i < wheres.size(); ++i) {
    if (wheres[i].needs_event() == needs_event && !wheres[i].holds(values, event)) return i;
  }
  return std::nullopt;
}

}  // namespace billing::naive
