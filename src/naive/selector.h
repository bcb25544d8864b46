#pragma once

// Selectors: what in a record is its time, user, task, status or quantity.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "naive/value.h"

namespace billing::naive {

/// What stands between commas or signs.
struct Source {
  enum class Kind : std::uint8_t { field, constant, composed };
  enum class Piece : std::uint8_t { whole, first, last };
  /// A field where it has a name, else text as it stands.
  struct Part {
    std::optional<FieldName> field;
    std::string text;
  };

  Kind kind = Kind::field;
  FieldName field = {};
  Piece piece = Piece::whole;    ///< of a field that is a list with commas
  std::string constant = {};     ///< taken as it stands
  std::vector<Part> parts = {};  ///< of a template
  std::string suffix = {};       ///< the kind of a time or the unit of a quantity; may be empty
  bool is_subtracted = false;    ///< in a difference
};

/// Added up; just one where nothing but a quantity may be a sum.
using Alternative = std::vector<Source>;

struct Selector {
  bool is_none = false;
  std::vector<Alternative> alternatives = {};  ///< the first that is not missing counts
};

/// What stands between the commas of a selector, without outer spaces.
std::vector<std::string_view> split_alternatives(std::string_view text);

/// These throw Error(configuration) with the name of the setting. For user, task and status:
Selector parse_selector(std::string_view setting, std::string_view text);
/// With kinds behind fields; a pattern with `%` reaches to the end.
Selector parse_time_selector(std::string_view text);
/// With units behind fields, sums and differences; a bare number is a constant. `run_unit` may
/// stand behind a field even where nobody knows it.
Selector parse_quantity_selector(std::string_view text, std::string_view run_unit);

/// The field where the source is that alone, be it as the only part of a template.
const FieldName* only_field(const Source& source);

/// All fields that are named.
std::vector<FieldName> fields_of(const Selector& selector);

}  // namespace billing::naive
