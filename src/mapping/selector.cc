#include "mapping/selector.h"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <utility>

#include "base/ascii_digit.h"
#include "base/escape_text.h"
#include "base/split_list.h"
#include "billing/error.h"
#include "mapping/time_reader.h"

namespace billing {
namespace {

constexpr std::string_view kNone = "none";

bool is_word_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

bool is_bare_number(std::string_view text) {
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction = text.substr(std::min(point + 1, text.size()));
  const bool has_digits = point < text.size() ? !fraction.empty() : !whole.empty();
  return has_digits && std::all_of(whole.begin(), whole.end(), is_digit) &&
         std::all_of(fraction.begin(), fraction.end(), is_digit);
}

class SelectorParser {
 public:
  SelectorParser(std::string_view setting, std::string_view text, SelectorUse use,
                 FieldList& fields)
      : setting_(setting), text_(text), use_(use), fields_(fields) {}

  Selector parse() {
    if (trimmed(text_) == kNone) {
      if (use_ == SelectorUse::quantity) fail("a bill needs a quantity; bill calls with 1");
      return {true, {}};
    }
    Selector selector;
    for (std::string_view rest = text_; !at_end_;) {
      if (!selector.alternatives.empty() &&
          selector.alternatives.back().kind == Alternative::Kind::constant)
        fail("a constant stands last: nothing behind it would ever count");
      selector.alternatives.push_back(parse_alternative(take_alternative(rest)));
    }
    return selector;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorKind::configuration, std::string(1, kSettingMark) + std::string(setting_) +
                                              ": " + quoted_text(text_) + ": " + what);
  }

  /// Where backquotes or braces that open at `at` end; `at` where none do.
  std::size_t behind_quoted(std::string_view text, std::size_t at) const {
    const bool is_name = text[at] == '`';
    if (!is_name && !text.substr(at).starts_with("${")) return at;
    const std::size_t close = text.find(is_name ? '`' : '}', at + 1);
    if (close == std::string_view::npos)
      fail(is_name ? "a ` is not closed" : "a ${ is not closed by }");
    return close + 1;
  }

  /// Takes what stands before the next comma off `rest`. A pattern of times has commas of its own,
  /// and ends the selector.
  std::string_view take_alternative(std::string_view& rest) {
    std::size_t end = 0;
    while (end < rest.size() && rest[end] != ',') {
      if (use_ == SelectorUse::time && rest[end] == ':' && begins_pattern(rest.substr(end + 1))) {
        end = rest.size();
        break;
      }
      const std::size_t behind = behind_quoted(rest, end);
      end = behind == end ? end + 1 : behind;
    }
    const std::string_view alternative = rest.substr(0, end);
    at_end_ = end == rest.size();
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return alternative;
  }

  /// Whether a pattern such as `%Y-%m-%d` stands behind a colon: no comma comes before its first %.
  static bool begins_pattern(std::string_view text) {
    const std::size_t percent = text.find('%');
    return percent != std::string_view::npos && text.substr(0, percent).find(',') > percent;
  }

  Alternative parse_alternative(std::string_view text) {
    text = trimmed(text);
    if (text.empty()) fail("a name is missing");
    Alternative alternative;
    if (text.starts_with('=')) {
      alternative.constant = text.substr(1);
      if (alternative.constant.empty()) fail("behind = a value is missing");
      return alternative;
    }
    if (use_ == SelectorUse::quantity && is_bare_number(text)) {
      alternative.constant = text;
      return alternative;
    }
    if (use_ == SelectorUse::time) alternative.suffix = take_time_kind(text);
    if (use_ == SelectorUse::quantity && parse_sum(text, alternative)) return alternative;
    if (use_ == SelectorUse::quantity) alternative.suffix = take_unit(text);
    if (text.find('$') != std::string_view::npos && !text.starts_with('`')) {
      alternative.kind = Alternative::Kind::joined;
      alternative.parts = parse_template(text);
      // One field alone, as `$user`, is that field.
      if (alternative.parts.size() == 1 && alternative.parts[0].literal.empty()) {
        alternative.kind = Alternative::Kind::field;
        alternative.field = alternative.parts[0].field;
      }
    } else {
      alternative.kind = Alternative::Kind::field;
      alternative.field = parse_field(text);
    }
    return alternative;
  }

  /// Takes `:KIND` off the end: from the first colon behind which a kind's name or a pattern
  /// stands.
  std::string take_time_kind(std::string_view& text) const {
    for (std::size_t at = 0; at < text.size();) {
      if (text[at] == ':') {
        const std::string_view kind = text.substr(at + 1);
        if (is_time_kind(kind)) {
          text = trimmed(text.substr(0, at));
          if (text.empty()) fail("before the kind of time a field is missing");
          return std::string(kind);
        }
      }
      const std::size_t behind = behind_quoted(text, at);
      at = behind == at ? at + 1 : behind;
    }
    return {};
  }

  /// Takes `:UNIT` off the end. What is no unit is found out by who reads quantities.
  std::string take_unit(std::string_view& text) const {
    const std::size_t begin = text.starts_with('`') ? behind_quoted(text, 0) : 0;
    const std::size_t colon = text.find_last_of(':');
    if (colon == std::string_view::npos || colon < begin) return {};
    const std::string_view unit = trimmed(text.substr(colon + 1));
    if (unit == "first" || unit == "last") return {};
    if (unit.empty()) fail("behind the last : a unit is missing");
    text = trimmed(text.substr(0, colon));
    if (text.empty()) fail("before the unit a field is missing");
    return std::string(unit);
  }

  /// `a:ns - b:ns + c`: false where there is no sign between spaces.
  bool parse_sum(std::string_view text, Alternative& alternative) {
    std::vector<std::pair<std::string_view, bool>> pieces;
    bool is_subtracted = false;
    std::size_t begin = 0;
    for (std::size_t at = 0; at < text.size();) {
      const std::string_view sign = text.substr(at, 3);
      if (sign == " + " || sign == " - ") {
        pieces.emplace_back(text.substr(begin, at - begin), is_subtracted);
        is_subtracted = sign[1] == '-';
        begin = at += 3;
        continue;
      }
      const std::size_t behind = behind_quoted(text, at);
      at = behind == at ? at + 1 : behind;
    }
    if (pieces.empty()) return false;
    pieces.emplace_back(text.substr(begin), is_subtracted);
    alternative.kind = Alternative::Kind::sum;
    for (auto& [piece, minus] : pieces) {
      piece = trimmed(piece);
      if (piece.empty()) fail("beside + or - a field is missing");
      std::string unit = take_unit(piece);
      alternative.terms.push_back({parse_field(piece), std::move(unit), minus});
    }
    return true;
  }

  /// `name`, `name:first`, or a name in backquotes.
  FieldUse parse_field(std::string_view text) {
    FieldUse use;
    const std::size_t quoted = text.starts_with('`') ? behind_quoted(text, 0) : 0;
    for (const auto& [suffix, piece] :
         {std::pair(std::string_view(":first"), FieldUse::Piece::first),
          std::pair(std::string_view(":last"), FieldUse::Piece::last)}) {
      if (text.size() >= quoted + suffix.size() && text.ends_with(suffix)) {
        use.piece = piece;
        text.remove_suffix(suffix.size());
        break;
      }
    }
    if (quoted > 0 && text.size() != quoted) fail("behind a ` only :first or :last may follow");
    return with_name(use, quoted > 0 ? text.substr(1, quoted - 2) : text, quoted > 0);
  }

  FieldUse with_name(FieldUse use, std::string_view name, bool is_verbatim) {
    if (name.empty()) fail("a name is missing");
    use.is_path = use_ == SelectorUse::task && (name == "path" || name == "uri");
    use.place = fields_.place_of({std::string(name), is_verbatim});
    return use;
  }

  /// Behind `$` at `at`: the end of a name that stands without braces. Dots belong to it where
  /// another word follows.
  static std::size_t name_end(std::string_view text, std::size_t at) {
    std::size_t end = at;
    while (end < text.size() && (is_word_character(text[end]) ||
                                 (text[end] == '.' && end > at && end + 1 < text.size() &&
                                  is_word_character(text[end + 1]))))
      ++end;
    return end;
  }

  std::vector<TemplatePart> parse_template(std::string_view text) {
    std::vector<TemplatePart> parts(1);
    for (std::size_t at = 0; at < text.size();) {
      if (text[at] != '$') {
        parts.back().literal += text[at++];
        continue;
      }
      if (text.substr(at).starts_with("$$")) {
        parts.back().literal += '$';
        at += 2;
        continue;
      }
      const bool has_braces = text.substr(at).starts_with("${");
      const std::size_t begin = at + (has_braces ? 2 : 1);
      const std::size_t end = has_braces ? behind_quoted(text, at) - 1 : name_end(text, begin);
      if (end == begin) fail("behind $ a name is missing; $$ is a $");
      parts.back().has_field = true;
      parts.back().field = with_name({}, text.substr(begin, end - begin), false);
      parts.emplace_back();
      at = end + (has_braces ? 1 : 0);
    }
    if (parts.size() == 1) fail("a template holds $, then a name");
    if (parts.back().literal.empty()) parts.pop_back();
    return parts;
  }

  std::string_view setting_;
  std::string_view text_;
  SelectorUse use_;
  FieldList& fields_;
  bool at_end_ = false;
};

}  // namespace

std::size_t FieldList::place_of(FieldName name) {
  const auto found = std::find(names_.begin(), names_.end(), name);
  const auto place = static_cast<std::size_t>(found - names_.begin());
  if (found == names_.end()) names_.push_back(std::move(name));
  return place;
}

Field piece_of(Field field, FieldUse::Piece piece) {
  if (piece == FieldUse::Piece::all || field.kind != Field::Kind::text) return field;
  const bool is_first = piece == FieldUse::Piece::first;
  const std::size_t comma = is_first ? field.text.find(',') : field.text.rfind(',');
  if (comma != std::string_view::npos)
    field.text = is_first ? field.text.substr(0, comma) : field.text.substr(comma + 1);
  field.text = trimmed(field.text);
  if (field.text.empty()) field.kind = Field::Kind::missing;
  return field;
}

Selector parse_selector(std::string_view setting, std::string_view text, SelectorUse use,
                        FieldList& fields) {
  Selector selector = SelectorParser(setting, text, use, fields).parse();
  if (!selector.is_none) {
    const Alternative& first = selector.alternatives.front();
    if (first.kind == Alternative::Kind::field && first.field.piece == FieldUse::Piece::all &&
        !first.field.is_path)
      selector.plain_place = first.field.place;
  }
  return selector;
}

}  // namespace billing
