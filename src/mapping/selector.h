#pragma once

// The language in which users say which fields make an event (docs/fields.md):
//
//     remote_user,remote_addr        the first that is there
//     $request_method $path          a template
//     =api                           a constant
//     x_forwarded_for:first          a piece of a list
//     end:ns - start:ns              sums and differences, of quantities
//     `Cost (USD), net`              a name as it stands
//     none
//
// A selector is parsed once; evaluating it per record is for event_mapper.h.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mapping/field.h"

namespace billing {

/// The fields that selectors ask for, each once. A selector knows them by their place.
class FieldList {
 public:
  std::size_t place_of(FieldName name);
  const std::vector<FieldName>& names() const { return names_; }

 private:
  std::vector<FieldName> names_;
};

/// A field, or a piece of one that is a list with commas.
struct FieldUse {
  enum class Piece : std::uint8_t { all, first, last };

  std::size_t place = 0;
  Piece piece = Piece::all;
  bool is_path = false;  ///< of a task: a path of a URL, in which ids may be folded
};

/// The piece of a field that is wanted. The spaces around a piece do not count.
Field piece_of(Field field, FieldUse::Piece piece);

/// What it says of a record, of which `fields` are all.
inline Field used(const FieldUse& use, const Field* fields) {
  return piece_of(fields[use.place], use.piece);
}

/// Text, then a field; the last part of a template may lack its field.
struct TemplatePart {
  std::string literal;
  bool has_field = false;
  FieldUse field = {};
};

/// Of a sum.
struct Term {
  FieldUse field;
  std::string unit;
  bool is_subtracted = false;
};

/// One of the alternatives of a selector.
struct Alternative {
  enum class Kind : std::uint8_t { constant, field, joined, sum };

  Kind kind = Kind::constant;
  std::string constant = {};
  FieldUse field = {};
  std::vector<TemplatePart> parts = {};  ///< of `joined`
  std::vector<Term> terms = {};          ///< of `sum`
  std::string suffix = {};               ///< the kind of a time, the unit of a quantity
};

struct Selector {
  static constexpr std::size_t kNoPlace = static_cast<std::size_t>(-1);

  bool is_none = false;
  std::vector<Alternative> alternatives = {};  ///< at least one, unless it is none
  /// Where the first of them is a field just as it stands, that field's place: most records need to
  /// be asked for nothing else.
  std::size_t plain_place = kNoPlace;
};

/// What a selector is for: which suffixes it may have.
enum class SelectorUse : std::uint8_t { time, user, task, status, quantity };

/// `setting` names the selector in errors (`user`). Adds the fields it needs to `fields`. Throws
/// Error(configuration) that says what is wrong, and where.
Selector parse_selector(std::string_view setting, std::string_view text, SelectorUse use,
                        FieldList& fields);

}  // namespace billing
