#include "select/where_expression.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "base/escape_text.h"
#include "billing/error.h"

namespace billing {
namespace {

/// Parentheses and `not` within each other: what is parsed and evaluated by recursion must end.
constexpr int kMaxDepth = 100;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool ends_name(char c) {
  return is_space(c) || std::string_view("=!<>~(),\"'`").find(c) != std::string_view::npos;
}

/// By the first that fits: longer ones come first.
constexpr std::pair<std::string_view, WhereTest::Kind> kOperators[] = {
    {"!=", WhereTest::Kind::unequal}, {"!~", WhereTest::Kind::mismatches},
    {"<=", WhereTest::Kind::at_most}, {">=", WhereTest::Kind::at_least},
    {"=", WhereTest::Kind::equal},    {"<", WhereTest::Kind::less},
    {">", WhereTest::Kind::more},     {"~", WhereTest::Kind::matches},
};

class WhereParser {
 public:
  explicit WhereParser(std::string_view text) : text_(text) {}

  WhereNode parse() {
    skip_spaces();
    if (at_ == text_.size()) fail("the expression is empty");
    WhereNode node = parse_any(0);
    skip_spaces();
    if (at_ == text_.size()) return node;
    fail(text_[at_] == ')' ? "this ) closes nothing" : "here and, or, or the end should follow");
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { fail_where(text_, at_, what); }

  char next() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  std::string_view rest() const { return text_.substr(at_); }

  void skip_spaces() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }

  bool take(char c) {
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  /// A word of the language, that no longer name begins with.
  bool take_word(std::string_view word) {
    const std::string_view left = rest();
    if (!left.starts_with(word) || (left.size() > word.size() && !ends_name(left[word.size()])))
      return false;
    at_ += word.size();
    return true;
  }

  WhereNode parse_any(int depth) {
    return parse_joined("or", WhereNode::Kind::any, [&] {
      return parse_joined("and", WhereNode::Kind::all, [&] { return parse_negation(depth); });
    });
  }

  template <class ParsePart>
  WhereNode parse_joined(std::string_view word, WhereNode::Kind kind, const ParsePart& parse_part) {
    WhereNode node{kind, {}, {}};
    do {
      node.parts.push_back(parse_part());
      skip_spaces();
    } while (take_word(word));
    if (node.parts.size() > 1) return node;
    WhereNode only = std::move(node.parts.front());
    return only;
  }

  WhereNode parse_negation(int depth) {
    skip_spaces();
    if (depth > kMaxDepth) fail("more than 100 of ( and not stand within each other");
    if (take_word("not")) {
      return negated(parse_negation(depth + 1));
    }
    const std::size_t open = at_;
    if (!take('(')) return parse_test();
    WhereNode node = parse_any(depth + 1);
    skip_spaces();
    if (take(')')) return node;
    if (at_ == text_.size()) {
      at_ = open;
      fail("this ( is not closed");
    }
    fail("here and, or, or ) should follow");
  }

  static WhereNode negated(WhereNode node) {
    WhereNode negation{WhereNode::Kind::negation, {}, {}};
    negation.parts.push_back(std::move(node));
    return negation;
  }

  WhereNode parse_test() {
    WhereNode node;
    WhereTest& test = node.test;
    test.field = parse_field();
    skip_spaces();
    for (const auto& [sign, kind] : kOperators) {
      if (!rest().starts_with(sign)) continue;
      at_ += sign.size();
      if (sign == "=" && (next() == '=' || next() == '~'))
        fail("the operators are = and ~; a value that begins with one stands in quotes");
      test.kind = kind;
      skip_spaces();
      test.values.push_back({parse_value(false)});
      return node;
    }
    const std::size_t word = at_;
    const bool is_outside = take_word("not");
    skip_spaces();
    if (take_word("in")) {
      test.kind = WhereTest::Kind::among;
      parse_list(test.values);
      return is_outside ? negated(std::move(node)) : node;
    }
    at_ = word;
    if (take_word("is")) {
      skip_spaces();
      const bool is_there = take_word("not");
      skip_spaces();
      if (!take_word("missing")) fail("behind is the word missing should follow");
      return is_there ? negated(std::move(node)) : node;
    }
    const bool is_cut = at_ < text_.size() && next() != '`';
    fail(std::string("here = != < <= > >= ~ !~ in or is missing should follow") +
         (is_cut ? "; a name with spaces, ( or ) stands in `backquotes`" : ""));
  }

  /// As selectors name fields: `name`, `name:first`, `$name`, `${name}`, or a name in backquotes.
  WhereField parse_field() {
    WhereField field;
    field.at = at_;
    if (take('`')) {
      const std::size_t end = text_.find('`', at_);
      if (end == std::string_view::npos) {
        at_ = field.at;
        fail("this ` is not closed");
      }
      field.name = text_.substr(at_, end - at_);
      field.is_verbatim = true;
      at_ = end + 1;
      take_piece(field, take_name());
    } else {
      std::string_view name = take_piece(field, take_name());
      if (name.starts_with("${") && name.ends_with('}')) {
        name = name.substr(2, name.size() - 3);
      } else if (name.starts_with('$')) {
        name.remove_prefix(1);
      }
      field.name = name;
    }
    if (!field.name.empty()) return field;
    at_ = field.at;
    fail(at_ == text_.size() ? "here a field should follow" : "here a field should stand");
  }

  std::string_view take_name() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && !ends_name(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  /// Takes `:first` or `:last` off the end. Behind a backquote nothing else may stand.
  std::string_view take_piece(WhereField& field, std::string_view name) const {
    for (const auto& [suffix, piece] :
         {std::pair(std::string_view(":first"), FieldUse::Piece::first),
          std::pair(std::string_view(":last"), FieldUse::Piece::last)}) {
      if (!name.ends_with(suffix)) continue;
      field.piece = piece;
      name.remove_suffix(suffix.size());
      break;
    }
    if (field.is_verbatim && !name.empty())
      fail_where(text_, field.at, "behind a ` only :first or :last may follow");
    return name;
  }

  void parse_list(std::vector<WhereRange>& values) {
    skip_spaces();
    const std::size_t open = at_;
    if (!take('(')) fail("behind in a list should follow, such as (a, b, 200..299)");
    do {
      skip_spaces();
      WhereRange range{parse_value(true)};
      if (rest().starts_with("..")) {
        at_ += 2;
        range.high = parse_value(true);
      }
      values.push_back(std::move(range));
      skip_spaces();
    } while (take(','));
    if (take(')')) return;
    if (at_ == text_.size()) {
      at_ = open;
      fail("this ( is not closed");
    }
    fail("here a comma or ) should follow");
  }

  /// In lists a word ends at `..` as well.
  WhereValue parse_value(bool is_in_list) {
    const std::size_t begin = at_;
    const char quote = next();
    if (quote == '"' || quote == '\'') return {take_quoted(quote), false, begin};
    while (at_ < text_.size() && !is_space(text_[at_]) && text_[at_] != ')' && text_[at_] != ',' &&
           !(is_in_list && rest().starts_with("..")))
      ++at_;
    if (at_ == begin)
      fail("here a value should stand; an empty one is never there: say is missing");
    return {std::string(text_.substr(begin, at_ - begin)), true, begin};
  }

  /// `"…"` with `\"` and `\\`, any other backslash as it stands; `'…'` without escapes.
  std::string take_quoted(char quote) {
    const std::size_t open = at_++;
    std::string value;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == quote) {
        ++at_;
        return value;
      }
      const char escaped = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
      const bool is_escape = quote == '"' && c == '\\' && (escaped == '"' || escaped == '\\');
      value += is_escape ? text_[++at_] : c;
    }
    at_ = open;
    fail("this quote is not closed");
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

/// How many places `text` takes in a terminal.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

/// The place in `text` at or before `at` at which a character begins.
std::size_t character_start(std::string_view text, std::size_t at) {
  while (at > 0 && at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
  return at;
}

}  // namespace

WhereNode parse_where(std::string_view text) { return WhereParser(text).parse(); }

std::optional<std::size_t> find_where_field(const WhereNode& node, std::string_view name) {
  if (node.kind == WhereNode::Kind::test && node.test.field.name == name) return node.test.field.at;
  for (const WhereNode& part : node.parts) {
    if (const auto at = find_where_field(part, name)) return at;
  }
  return std::nullopt;
}

void fail_where(std::string_view text, std::size_t at, const std::string& what) {
  constexpr std::size_t kShownBytes = 60;  // on each side
  constexpr std::string_view kIndent = "\n  ";
  constexpr std::string_view kMore = "...";
  const std::size_t begin = character_start(text, at > kShownBytes ? at - kShownBytes : 0);
  const std::size_t end = character_start(text, std::min(at + kShownBytes, text.size()));
  std::string before = std::string(begin > 0 ? kMore : "");
  before += escaped_text(text.substr(begin, at - begin));
  const std::string behind = escaped_text(text.substr(at, end - at));
  std::string message = std::string(1, kSettingMark) + "where: " + what;
  message.append(kIndent).append(before).append(behind).append(end < text.size() ? kMore : "");
  message.append(kIndent).append(width_of(before), ' ').append("^");
  throw Error(ErrorKind::configuration, message);
}

}  // namespace billing
