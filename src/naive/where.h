#pragma once

// `--where`, the plain way: an expression becomes a list in postfix order, and each record's answer
// is worked out with a stack of truths over strings.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "billing/record_format.h"
#include "naive/decimal.h"
#include "naive/event_mapping.h"
#include "naive/record_values.h"
#include "naive/selector.h"

namespace re2 {
class RE2;
}

namespace billing::naive {

struct WhereLiteral {
  std::string text;
  bool is_bare = false;
  std::int64_t time_ns = 0;  ///< where a time is compared with it
};

struct WhereTest {
  std::string subject;  ///< `time`, `user`, `task`, `status`, `quantity`; empty: a field
  Source source;        ///< of a field, or the piece of a name
  std::string sign;     ///< `=`, `in`, `missing` ...
  /// Of `in` from the first to the second; of others only the first.
  std::vector<std::pair<WhereLiteral, std::optional<WhereLiteral>>> literals;
  std::shared_ptr<const re2::RE2> pattern;
};

/// Immutable.
class Where {
 public:
  /// Throws Error(configuration) for an expression that is none.
  Where(const std::string& expression, const RecordFormat& format);

  /// Whether it needs the event; else it is asked before there is one.
  bool needs_event() const;
  /// It needs the event as well where a field is made of it.
  void ask_with_event() { is_asked_with_event_ = true; }

  /// Those that it asks for, but of the event.
  Selector fields() const;

  /// `values` may be null where no field is asked for, `event` where nothing of it is.
  bool holds(const RecordValues* values, const MappedEvent* event) const;

 private:
  enum class Step : std::uint8_t { test, invert, both, either };

  Value subject_of(const WhereTest& test, const RecordValues* values,
                   const MappedEvent* event) const;
  bool holds(const WhereTest& test, const RecordValues* values, const MappedEvent* event) const;
  int order(const WhereTest& test, const Value& value, const MappedEvent* event,
            const WhereLiteral& literal) const;

  std::vector<std::pair<Step, WhereTest>> steps_;
  DecimalRules of_fields_;
  DecimalRules of_literals_;
  int digits_;
  bool is_asked_with_event_ = false;
};

/// All of a format, in their order.
std::vector<Where> wheres_of(const RecordFormat& format);

/// The first of those that need the event, or do not, which does not hold.
std::optional<std::size_t> first_that_drops(const std::vector<Where>& wheres, bool needs_event,
                                            const RecordValues* values, const MappedEvent* event);

}  // namespace billing::naive
