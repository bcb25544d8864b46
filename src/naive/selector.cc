#include "naive/selector.h"

#include <cstddef>
#include <initializer_list>

#include "base/escape_text.h"
#include "billing/error.h"
#include "naive/ascii.h"
#include "naive/decimal.h"
#include "naive/quantity_units.h"
#include "naive/time_forms.h"

namespace billing::naive {
namespace {

[[noreturn]] void fail(std::string_view setting, std::string_view text, const std::string& why) {
  throw Error(ErrorKind::configuration,
              '\1' + std::string(setting) + ' ' + quoted_text(text) + ": " + why);
}

/// For each byte whether it is outside of backquotes and of `${...}`, where commas, colons and
/// signs have their meaning.
std::vector<bool> outer_places(std::string_view text) {
  std::vector<bool> is_outer(text.size(), true);
  char end = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    is_outer[i] = end == 0;
    if (end != 0) {
      if (text[i] == end) end = 0;
    } else if (text[i] == '`') {
      end = '`';
    } else if (text.substr(i).starts_with("${")) {
      end = '}';
    }
  }
  return is_outer;
}

/// The first outer place from `from` on at which `word` stands; the text's size where none does.
std::size_t find_outer(std::string_view text, std::string_view word, std::size_t from = 0) {
  const std::vector<bool> is_outer = outer_places(text);
  for (std::size_t i = from; i < text.size(); ++i) {
    if (is_outer[i] && text.substr(i).starts_with(word)) return i;
  }
  return text.size();
}

}  // namespace

std::vector<std::string_view> split_alternatives(std::string_view text) {
  std::vector<std::string_view> pieces;
  std::size_t begin = 0;
  while (true) {
    const std::size_t end = find_outer(text, ",", begin);
    pieces.push_back(trimmed(text.substr(begin, end - begin)));
    if (end == text.size()) return pieces;
    begin = end + 1;
  }
}

namespace {

/// Of one setting's text.
class SourceParser {
 public:
  SourceParser(std::string_view setting, std::string_view whole)
      : setting_(setting), whole_(whole) {}

  Source parse(std::string_view text) const {
    Source source;
    if (text.empty()) fail("a field's name is missing");
    if (text.front() == '=') {
      source.kind = Source::Kind::constant;
      source.constant = text.substr(1);
    } else if (text.front() == '`') {
      take_backquoted(text, source);
    } else if (text.find('$') != text.npos) {
      source.kind = Source::Kind::composed;
      take_parts(text, source);
    } else {
      source.field.name = take_piece(text, source);
      if (source.field.name.empty()) fail("a field's name is missing");
    }
    return source;
  }

  [[noreturn]] void fail(const std::string& why) const { naive::fail(setting_, whole_, why); }

 private:
  /// What is left without `:first` or `:last`.
  static std::string_view take_piece(std::string_view text, Source& source) {
    for (const auto& [word, piece] :
         {std::pair{":first", Source::Piece::first}, std::pair{":last", Source::Piece::last}}) {
      if (!text.ends_with(word)) continue;
      source.piece = piece;
      text.remove_suffix(std::string_view(word).size());
    }
    return text;
  }

  void take_backquoted(std::string_view text, Source& source) const {
    const std::size_t end = text.find('`', 1);
    if (end == text.npos) fail("a backquote is not closed");
    source.field = {std::string(text.substr(1, end - 1)), true};
    if (!take_piece(text.substr(end + 1), source).empty()) {
      fail("nothing but :first or :last may stand behind a backquote");
    }
  }

  void take_parts(std::string_view text, Source& source) const {
    const auto literal = [&]() -> std::string& {
      if (source.parts.empty() || source.parts.back().field) source.parts.emplace_back();
      return source.parts.back().text;
    };
    while (!text.empty()) {
      if (text.starts_with("$$")) {
        literal() += '$';
        text.remove_prefix(2);
      } else if (text.front() == '$') {
        text.remove_prefix(1);
        source.parts.push_back({take_name(text), {}});
      } else {
        literal() += text.front();
        text.remove_prefix(1);
      }
    }
  }

  /// What stands behind a `$`.
  FieldName take_name(std::string_view& text) const {
    const auto is_of_name = [](char c) { return is_letter(c) || is_digit(c) || c == '_'; };
    std::size_t size = 0;
    if (text.starts_with('{')) {
      size = text.find('}');
      if (size == text.npos || size == 1) fail("${ needs a name and }");
      std::string_view name = text.substr(1, size - 1);
      text.remove_prefix(size + 1);
      const bool is_exact = name.size() > 2 && name.front() == '`' && name.back() == '`';
      if (is_exact) name = name.substr(1, name.size() - 2);
      return {std::string(name), is_exact};
    }
    while (size < text.size()) {
      const bool is_inner_dot =
          size > 0 && text[size] == '.' && size + 1 < text.size() && is_of_name(text[size + 1]);
      if (!is_of_name(text[size]) && !is_inner_dot) break;
      ++size;
    }
    if (size == 0) fail("a $ needs a name behind it; $$ stands for $");
    FieldName name{std::string(text.substr(0, size))};
    text.remove_prefix(size);
    return name;
  }

  std::string_view setting_;
  std::string_view whole_;
};

/// Where in `text` the kind of a time begins, its colon included, looked for from `begin` up to
/// the next comma; `end` is where the alternative ends.
struct KindPlace {
  std::size_t colon;
  std::size_t end;
};

KindPlace find_time_kind(std::string_view text, std::size_t begin) {
  const std::size_t comma = find_outer(text, ",", begin);
  for (std::size_t colon = find_outer(text, ":", begin); colon < comma;
       colon = find_outer(text, ":", colon + 1)) {
    const std::string_view word = trimmed(text.substr(colon + 1, comma - colon - 1));
    if (is_time_kind(word)) return {colon, comma};
    if (word == "first" || word == "last") continue;
    if (word.starts_with("first:") || word.starts_with("last:")) continue;
    if (text.substr(colon).find('%') != text.npos) return {colon, text.size()};
  }
  return {comma, comma};
}

/// The terms between ` + ` and ` - `.
Alternative parse_terms(const SourceParser& parser, std::string_view text,
                        std::string_view run_unit) {
  Alternative terms;
  bool is_subtracted = false;
  while (true) {
    const std::size_t plus = find_outer(text, " + ");
    const std::size_t minus = find_outer(text, " - ");
    const std::size_t end = std::min(plus, minus);
    std::string_view term = trimmed(text.substr(0, end));
    std::string suffix;
    std::size_t colon = text.size();
    for (std::size_t i = find_outer(term, ":"); i < term.size(); i = find_outer(term, ":", i + 1)) {
      colon = i;
    }
    if (colon < term.size()) {
      const std::string_view word = trimmed(term.substr(colon + 1));
      if (word == "auto" || word == run_unit || unit_called(word)) {
        suffix = word;
        term = trimmed(term.substr(0, colon));
      }
    }
    const bool is_number = suffix.empty() && parse_decimal(term, {});
    Source& source = terms.emplace_back(parser.parse(is_number ? "=" + std::string(term) : term));
    source.suffix = suffix;
    source.is_subtracted = is_subtracted;
    if (end == text.size()) return terms;
    is_subtracted = minus < plus;
    text.remove_prefix(end + 3);
  }
}

}  // namespace

namespace {

/// Nothing behind a constant would ever count.
void check_constants(const SourceParser& parser, const Selector& selector) {
  for (std::size_t i = 0; i + 1 < selector.alternatives.size(); ++i) {
    const Alternative& alternative = selector.alternatives[i];
    if (alternative.size() == 1 && alternative[0].kind == Source::Kind::constant)
      parser.fail("a constant may only stand last");
  }
}

}  // namespace

Selector parse_selector(std::string_view setting, std::string_view text) {
  if (trimmed(text) == "none") return {true, {}};
  const SourceParser parser(setting, text);
  Selector selector;
  for (const std::string_view piece : split_alternatives(text)) {
    selector.alternatives.push_back({parser.parse(piece)});
  }
  check_constants(parser, selector);
  return selector;
}

Selector parse_time_selector(std::string_view text) {
  if (trimmed(text) == "none") return {true, {}};
  const SourceParser parser("time", text);
  Selector selector;
  std::size_t begin = 0;
  while (true) {
    const auto [colon, end] = find_time_kind(text, begin);
    Source source = parser.parse(trimmed(text.substr(begin, colon - begin)));
    if (colon < end) {
      source.suffix = text.substr(colon + 1, end - colon - 1);
      if (is_time_kind(trimmed(source.suffix))) source.suffix = trimmed(source.suffix);
    }
    selector.alternatives.push_back({source});
    if (end == text.size()) return selector;
    begin = end + 1;
  }
}

Selector parse_quantity_selector(std::string_view text, std::string_view run_unit) {
  const SourceParser parser("quantity", text);
  Selector selector;
  for (const std::string_view piece : split_alternatives(text)) {
    selector.alternatives.push_back(parse_terms(parser, piece, run_unit));
  }
  check_constants(parser, selector);
  return selector;
}

const FieldName* only_field(const Source& source) {
  if (source.kind == Source::Kind::field) return &source.field;
  if (source.kind != Source::Kind::composed || source.parts.size() != 1) return nullptr;
  return source.parts[0].field ? &*source.parts[0].field : nullptr;
}

std::vector<FieldName> fields_of(const Selector& selector) {
  std::vector<FieldName> names;
  for (const Alternative& alternative : selector.alternatives) {
    for (const Source& source : alternative) {
      if (source.kind == Source::Kind::field) names.push_back(source.field);
      for (const Source::Part& part : source.parts) {
        if (part.field) names.push_back(*part.field);
      }
    }
  }
  return names;
}

}  // namespace billing::naive
