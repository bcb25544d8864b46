#include "naive/where_parser.h"

#include <cstddef>
#include <initializer_list>
#include <utility>

#include "base/escape_text.h"
#include "billing/error.h"

namespace billing::naive {
namespace {

bool is_gap(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

class Tokenizer {
 public:
  explicit Tokenizer(const std::string& text) : text_(text) {}

  std::vector<WhereToken> run() {
    std::vector<WhereToken> tokens;
    bool wants_operand = true;
    for (skip(); at_ < text_.size(); skip()) {
      if (wants_operand) {
        if (takes("(")) {
          tokens.push_back({"(", {}});
        } else if (takes_word("not")) {
          tokens.push_back({"not", {}});
        } else {
          wants_operand = false;
          take_test(tokens);
        }
        continue;
      }
      if (takes(")")) {
        tokens.push_back({")", {}});
        continue;
      }
      wants_operand = true;
      if (takes_word("and")) {
        tokens.push_back({"and", {}});
      } else if (takes_word("or")) {
        tokens.push_back({"or", {}});
      } else {
        fail();
      }
    }
    if (wants_operand) fail();
    return tokens;
  }

 private:
  [[noreturn]] void fail() const {
    throw Error(ErrorKind::configuration,
                "\1where: " + quoted_text(text_) + ": wrong at byte " + std::to_string(at_ + 1));
  }

  void skip() {
    while (at_ < text_.size() && is_gap(text_[at_])) ++at_;
  }

  bool stands(std::string_view word) const {
    return std::string_view(text_).substr(at_).starts_with(word);
  }
  bool takes(std::string_view word) {
    if (!stands(word)) return false;
    at_ += word.size();
    return true;
  }

  bool is_name_at(std::size_t at) const {
    constexpr std::string_view kNoNames = " \t\n\r=!<>~(),\"'`";
    return at < text_.size() && kNoNames.find(text_[at]) == kNoNames.npos;
  }
  bool takes_word(std::string_view word) { return !is_name_at(at_ + word.size()) && takes(word); }

  std::string take_name() {
    std::string name;
    while (is_name_at(at_)) name += text_[at_++];
    return name;
  }

  void take_test(std::vector<WhereToken>& tokens) {
    WhereTest test;
    take_field(test);
    skip();
    bool is_negated = false;
    if (takes_word("not")) {
      is_negated = true;
      skip();
      if (!takes_word("in")) fail();
      take_list(test);
    } else if (takes_word("in")) {
      take_list(test);
    } else if (takes_word("is")) {
      skip();
      is_negated = takes_word("not");
      skip();
      if (!takes_word("missing")) fail();
      test.sign = "missing";
    } else {
      for (const char* const sign : {"!=", "!~", "<=", ">=", "=", "<", ">", "~"}) {
        if (test.sign.empty() && takes(sign)) test.sign = sign;
      }
      if (test.sign.empty()) fail();
      if (test.sign == "=" && (stands("=") || stands("~"))) fail();
      skip();
      test.literals.emplace_back(take_literal(""), std::nullopt);
    }
    if (is_negated) tokens.push_back({"not", {}});
    tokens.push_back({"", std::move(test)});
  }

  void take_field(WhereTest& test) {
    constexpr std::string_view kFirst = ":first";
    constexpr std::string_view kLast = ":last";
    FieldName& field = test.source.field;
    if (takes("`")) {
      const std::size_t end = text_.find('`', at_);
      if (end == std::string::npos) fail();
      field = {text_.substr(at_, end - at_), true};
      at_ = end + 1;
    }
    std::string name = take_name();
    if (name.ends_with(kFirst)) {
      test.source.piece = Source::Piece::first;
      name.resize(name.size() - kFirst.size());
    } else if (name.ends_with(kLast)) {
      test.source.piece = Source::Piece::last;
      name.resize(name.size() - kLast.size());
    }
    if (field.is_exact && !name.empty()) fail();
    if (name.starts_with("${") && name.ends_with("}")) {
      name = name.substr(2, name.size() - 3);
    } else if (name.starts_with("$")) {
      name.erase(0, 1);
    }
    if (!field.is_exact) field.name = name;
    if (field.name.empty()) fail();
  }

  void take_list(WhereTest& test) {
    test.sign = "in";
    skip();
    if (!takes("(")) fail();
    do {
      skip();
      auto& [low, high] = test.literals.emplace_back(take_literal(".."), std::nullopt);
      if (takes("..")) high = take_literal("..");
      skip();
    } while (takes(","));
    if (!takes(")")) fail();
  }

  /// A word ends before `stop` as well.
  WhereLiteral take_literal(std::string_view stop) {
    WhereLiteral literal;
    if (takes("'")) {
      const std::size_t end = text_.find('\'', at_);
      if (end == std::string::npos) fail();
      literal.text = text_.substr(at_, end - at_);
      at_ = end + 1;
      return literal;
    }
    if (takes("\"")) {
      while (!takes("\"")) {
        if (at_ == text_.size()) fail();
        if (stands("\\\\") || stands("\\\"")) ++at_;
        literal.text += text_[at_++];
      }
      return literal;
    }
    literal.is_bare = true;
    while (at_ < text_.size() && !is_gap(text_[at_]) && !stands(")") && !stands(",") &&
           (stop.empty() || !stands(stop))) {
      literal.text += text_[at_++];
    }
    if (literal.text.empty()) fail();
    return literal;
  }

  const std::string& text_;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<WhereToken> tokens_of_where(const std::string& expression) {
  return Tokenizer(expression).run();
}

}  // namespace billing::naive
