#pragma once

// What `--where` says, as a tree: docs/filters.md describes the language.
//
//     status >= 400 and not (path ~ "^/health" or user in (probe, monitor))
//
// A tree knows nothing of formats; where_filter.h makes a filter of it.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mapping/selector.h"

namespace billing {

/// A literal. `at` is its byte in the expression.
struct WhereValue {
  std::string text;
  bool is_bare = false;  ///< stood without quotes: a number where it has a number's form
  std::size_t at = 0;
};

/// Both ends belong to it; without `high` it is one value.
struct WhereRange {
  WhereValue low;
  std::optional<WhereValue> high = std::nullopt;
};

struct WhereField {
  std::string name;
  bool is_verbatim = false;  ///< stood in backquotes: a field of the record, whatever its name
  FieldUse::Piece piece = FieldUse::Piece::all;
  std::size_t at = 0;
};

/// A field, and what it is compared with.
struct WhereTest {
  enum class Kind : std::uint8_t {
    equal,
    unequal,
    less,
    at_most,
    more,
    at_least,
    among,  ///< `in (...)`
    matches,
    mismatches,
    missing,
  };

  Kind kind = Kind::missing;
  WhereField field = {};
  std::vector<WhereRange> values = {};  ///< none of `missing`; of all but `among` one
};

struct WhereNode {
  enum class Kind : std::uint8_t { test, negation, all, any };

  Kind kind = Kind::test;
  WhereTest test = {};
  std::vector<WhereNode> parts = {};  ///< of a negation one
};

/// Throws Error(configuration) as fail_where() does.
WhereNode parse_where(std::string_view text);

/// The byte of the expression at which a field of this name stands first; nothing where none does.
std::optional<std::size_t> find_where_field(const WhereNode& node, std::string_view name);

/// Throws Error(configuration): `what` is wrong at byte `at` of the expression, which is shown with
/// a caret below the place.
[[noreturn]] void fail_where(std::string_view text, std::size_t at, const std::string& what);

}  // namespace billing
