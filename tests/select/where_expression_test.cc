#include "select/where_expression.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "billing/error.h"

namespace billing {
namespace {

std::string shown(const WhereValue& value) {
  return value.is_bare ? value.text : "'" + value.text + "'";
}

/// With all parentheses, e.g. `(a = 1 and not(b is missing))`.
std::string shown(const WhereNode& node) {
  constexpr const char* kSigns[] = {"=", "!=", "<", "<=", ">", ">=", "in", "~", "!~", "is missing"};
  if (node.kind == WhereNode::Kind::negation) return "not(" + shown(node.parts[0]) + ")";
  if (node.kind == WhereNode::Kind::test) {
    const WhereField& field = node.test.field;
    std::string text = field.is_verbatim ? "`" + field.name + "`" : field.name;
    if (field.piece != FieldUse::Piece::all)
      text += field.piece == FieldUse::Piece::first ? ":first" : ":last";
    text += std::string(" ") + kSigns[static_cast<std::size_t>(node.test.kind)];
    for (const WhereRange& range : node.test.values)
      text += " " + shown(range.low) + (range.high ? ".." + shown(*range.high) : "");
    return text;
  }
  std::string text;
  for (const WhereNode& part : node.parts) {
    if (!text.empty()) text += node.kind == WhereNode::Kind::all ? " and " : " or ";
    text += shown(part);
  }
  return "(" + text + ")";
}

std::string parsed(const std::string& text) { return shown(parse_where(text)); }

/// What is wrong, and the place of the caret in the expression.
std::string wrong(const std::string& text) {
  try {
    return parsed(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::configuration);
    const std::string message = tell(error.message(), "--");
    const std::size_t caret = message.rfind("\n  ");
    EXPECT_NE(message.find("\n  " + text + "\n"), std::string::npos) << message;
    return message.substr(0, message.find('\n')) + " @" +
           std::to_string(message.size() - 1 - caret - 3);
  }
}

TEST(WhereExpression, EveryOperator) {
  EXPECT_EQ(parsed("a=1"), "a = 1");
  EXPECT_EQ(parsed("a != b"), "a != b");
  EXPECT_EQ(parsed("a<1"), "a < 1");
  EXPECT_EQ(parsed("a<=1"), "a <= 1");
  EXPECT_EQ(parsed("a >1"), "a > 1");
  EXPECT_EQ(parsed("a\t>= 1"), "a >= 1");
  EXPECT_EQ(parsed("a ~ x"), "a ~ x");
  EXPECT_EQ(parsed("a !~ 'x y'"), "a !~ 'x y'");
  EXPECT_EQ(parsed("a is missing"), "a is missing");
  EXPECT_EQ(parsed("a is not missing"), "not(a is missing)");
  EXPECT_EQ(parsed("a in (1, 'b',200..299 , x..\"y\")"), "a in 1 'b' 200..299 x..'y'");
  EXPECT_EQ(parsed("a not in(1)"), "not(a in 1)");
}

TEST(WhereExpression, NotBindsBeforeAndAndAndBeforeOr) {
  EXPECT_EQ(parsed("a=1 or b=2 and not c=3"), "(a = 1 or (b = 2 and not(c = 3)))");
  EXPECT_EQ(parsed("a=1 and b=2 or c=3 and d=4"), "((a = 1 and b = 2) or (c = 3 and d = 4))");
  EXPECT_EQ(parsed("(a=1 or b=2) and not(not c=3)"), "((a = 1 or b = 2) and not(not(c = 3)))");
  EXPECT_EQ(parsed("a=1 and b=2 and c=3"), "(a = 1 and b = 2 and c = 3)");
}

TEST(WhereExpression, FieldsAreCalledAsInSelectors) {
  EXPECT_EQ(parsed("client.id = 1"), "client.id = 1");
  EXPECT_EQ(parsed("/a/0/b = 1"), "/a/0/b = 1");
  EXPECT_EQ(parsed("$request_method = GET"), "request_method = GET");
  EXPECT_EQ(parsed("${a.b}:last = GET"), "a.b:last = GET");
  EXPECT_EQ(parsed("http_x_forwarded_for:first = 1"), "http_x_forwarded_for:first = 1");
  EXPECT_EQ(parsed("`Cost (USD), net`:last is missing"), "`Cost (USD), net`:last is missing");
  EXPECT_EQ(parsed("notes = 1 and order = 2 and island is missing"),
            "(notes = 1 and order = 2 and island is missing)");
}

TEST(WhereExpression, LiteralsAreQuotedOrGoOnToASpaceACommaOrAParenthesis) {
  EXPECT_EQ(parsed("a = ^/x|y\"z and b=1"), "(a = ^/x|y\"z and b = 1)");
  EXPECT_EQ(parsed("(a=b)"), "a = b");
  EXPECT_EQ(parsed("a = 1..2"), "a = 1..2");
  EXPECT_EQ(parsed(R"(a = "q\"b\\s\d")"), R"(a = 'q"b\s\d')");
  EXPECT_EQ(parsed(R"(a = 'q"b\\')"), R"(a = 'q"b\\')");
  EXPECT_EQ(parsed("a = ''"), "a = ''");
  EXPECT_EQ(parsed("a = and"), "a = and");
}

TEST(WhereExpression, WhatIsWrongIsShownWithACaretBelowIt) {
  EXPECT_EQ(wrong(" "), "--where: the expression is empty @1");
  EXPECT_EQ(wrong("a"), "--where: here = != < <= > >= ~ !~ in or is missing should follow @1");
  EXPECT_EQ(wrong("a = "),
            "--where: here a value should stand; an empty one is never there: say is missing @4");
  EXPECT_EQ(wrong("a == 1"),
            "--where: the operators are = and ~; a value that begins with one stands in quotes @3");
  EXPECT_EQ(wrong("a = 1 AND b = 2"), "--where: here and, or, or the end should follow @6");
  EXPECT_EQ(wrong("a = 1)"), "--where: this ) closes nothing @5");
  EXPECT_EQ(wrong("b = 1 or (a = 1"), "--where: this ( is not closed @9");
  EXPECT_EQ(wrong("a in 1"),
            "--where: behind in a list should follow, such as (a, b, 200..299) @5");
  EXPECT_EQ(wrong("a in (1 2)"), "--where: here a comma or ) should follow @8");
  EXPECT_EQ(wrong("a in (..2)"),
            "--where: here a value should stand; an empty one is never there: say is missing @6");
  EXPECT_EQ(wrong("a is null"), "--where: behind is the word missing should follow @5");
  EXPECT_EQ(wrong("a = 'x"), "--where: this quote is not closed @4");
  EXPECT_EQ(wrong("`a = x"), "--where: this ` is not closed @0");
  EXPECT_EQ(wrong("a = 1 and"), "--where: here a field should follow @9");
  EXPECT_EQ(wrong("a = 1 and = 2"), "--where: here a field should stand @10");
  EXPECT_EQ(wrong("`a`b = 2"), "--where: behind a ` only :first or :last may follow @0");
}

TEST(WhereExpression, TheCaretCountsCharactersAndSeesFarPlaces) {
  EXPECT_EQ(wrong("n = \"\xC3\xA4\xC3\xB6\" x"),
            "--where: here and, or, or the end should follow @9");
  const std::string far = "a = " + std::string(500, 'x') + " !";
  try {
    parse_where(far);
    FAIL();
  } catch (const Error& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("\n  ..." + std::string(59, 'x') + " !\n  " + std::string(63, ' ') + "^"),
              std::string::npos)
        << text;
  }
}

TEST(WhereExpression, NestingEndsSomewhere) {
  EXPECT_THROW(parse_where(std::string(1'000'000, '(')), Error);
  std::string nots;
  for (int i = 0; i < 1'000; ++i) nots += "not ";
  EXPECT_THROW(parse_where(nots + "a = 1"), Error);
  std::string ors = "a = 0";
  for (int i = 0; i < 10'000; ++i) ors += " or a = 1";
  EXPECT_EQ(parse_where(ors).parts.size(), 10'001U);
}

}  // namespace
}  // namespace billing
