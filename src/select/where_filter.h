#pragma once

// The filters of an input (`--where`), compiled and asked for each record. All logic is two-valued:
// a comparison with a field that is missing is false, but for `!=` and `!~`.

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "billing/event_batch.h"
#include "billing/record_format.h"
#include "mapping/event_mapper.h"
#include "mapping/field.h"
#include "select/decimal_order.h"
#include "select/where_expression.h"

namespace re2 {
class RE2;
}

namespace billing {

/// Immutable after construction; may be used by any number of threads.
class WhereFilters {
 public:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  /// Compiles format.where. Adds the fields of records that it names to `fields`; of `text`, whose
  /// records have no fields but the event's, there are none. Throws Error(configuration) that
  /// shows the place where an expression is wrong.
  WhereFilters(const RecordFormat& format, FieldList& fields);

  /// Says that the field at `place` is known only once there is an event: filters that name it are
  /// asked then.
  void ask_with_event(std::size_t place);

  /// Whether one of them can be asked only once there is an event.
  bool need_event() const;

  /// How many filters there are.
  std::size_t size() const { return filters_.size(); }

  /// The first filter that drops a record, else kNone: of those that name nothing of the event,
  /// which are asked before the record is mapped. `fields` are the mapper's.
  std::size_t dropped_by_fields(const Field* fields) const;

  /// The same of all other filters, once there is an event.
  std::size_t dropped_by_event(const Field* fields, const MappedEvent& event) const;

 private:
  class Compiler;

  /// What a test looks at.
  enum class Source : std::uint8_t { field, time, user, task, status, quantity };

  /// A literal as it is compared with texts: as a number where both are one, else by its bytes.
  struct Value {
    std::string text;
    bool is_number = false;  ///< stood without quotes, in the form of a number
  };
  template <class End>
  struct Range {
    End low;
    End high;
    bool is_single;
  };

  struct Test {
    WhereTest::Kind kind;
    Source source;
    FieldUse field = {};
    std::vector<Range<Value>> values = {};
    std::vector<Range<std::int64_t>> times_ns = {};
    std::bitset<kMaxStatus + 1> statuses = {};  ///< of `status`: for which the test holds
    std::shared_ptr<const re2::RE2> pattern = {};
  };

  struct Node {
    WhereNode::Kind kind;
    std::size_t test = 0;
    std::vector<Node> parts = {};
  };

  struct Filter {
    Node root;
    bool needs_event;
  };

  struct Record {
    const Field* fields;
    const MappedEvent* event;
  };

  bool names(const Node& node, std::size_t place) const;
  std::size_t first_that_drops(bool needs_event, const Record& record) const;
  bool holds(const Node& node, const Record& record) const;
  bool holds(const Test& test, const Record& record) const;
  bool holds_of(const Test& test, const Field& field) const;
  bool holds_of_text(const Test& test, std::string_view text, QuantityNotation notation) const;

  QuantityNotation notation_;          ///< of the record's fields
  QuantityNotation literal_notation_;  ///< of literals and the event's fields
  int digits_ = 0;                     ///< of quantities
  std::vector<Filter> filters_;
  std::vector<Test> tests_;
};

}  // namespace billing
