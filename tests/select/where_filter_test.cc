#include "select/where_filter.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "billing/error.h"

namespace billing {
namespace {

class Filters : public testing::Test {
 protected:
  Filters() {
    format.family = FormatFamily::json;
    format.quantity = {"units", 3, true};
    format.mapping = {"time", "user", "task", "status", "quantity"};
    event = {1746227810'250'000'000, "ann", "GET /a", 12'500, 404};
  }

  /// Whether a record of `fields` and the event passes.
  bool passes(const std::string& expression, const std::map<std::string, std::string>& fields = {},
              const std::string& composite = "") {
    format.where = {expression};
    FieldList list;
    const WhereFilters filters(format, list);
    std::vector<Field> found;
    for (const FieldName& name : list.names()) {
      const auto field = fields.find(name.name);
      found.push_back(field == fields.end() ? Field{} : Field::of(field->second, 0));
      if (name.name == composite) found.back() = {{}, 0, Field::Kind::composite};
    }
    return filters.dropped_by_fields(found.data()) == WhereFilters::kNone &&
           filters.dropped_by_event(found.data(), event) == WhereFilters::kNone;
  }

  /// Of the field x.
  bool holds(const std::string& x, const std::string& expression) {
    return passes(expression, {{"x", x}});
  }

  std::string refusal(const std::string& expression) {
    try {
      passes(expression);
    } catch (const Error& error) {
      const std::string text = error.what();
      return text.substr(0, text.find('\n'));
    }
    return "";
  }

  RecordFormat format;
  MappedEvent event;
};

TEST_F(Filters, BareNumbersCompareAsDecimals) {
  EXPECT_TRUE(holds("9", "x < 10"));
  EXPECT_TRUE(holds("1e1", "x = 10"));
  EXPECT_TRUE(holds("10.0", "x <= 10"));
  EXPECT_FALSE(holds("10.0", "x != 10"));
  EXPECT_TRUE(holds("-5", "x > -6"));
  EXPECT_TRUE(holds("12345678901234567890123", "x > 12345678901234567890122.9"));
  EXPECT_TRUE(holds("0.30000000000000000001", "x > 0.3"));
}

TEST_F(Filters, AllElseComparesByItsBytes) {
  EXPECT_FALSE(holds("9", "x < '10'"));
  EXPECT_FALSE(holds("10.0", "x = \"10\""));
  EXPECT_TRUE(holds("abc", "x > abb"));
  EXPECT_TRUE(holds("abc", "x >= ab"));
  EXPECT_TRUE(holds("9a", "x > 10"));
  EXPECT_TRUE(holds("\xff", "x > z"));
  EXPECT_FALSE(holds("A", "x = a"));
}

TEST_F(Filters, WebFieldsHaveNoExponents) {
  format.family = FormatFamily::web;
  EXPECT_FALSE(holds("1e1", "x = 10"));
  EXPECT_TRUE(holds("1e1", "x = 1e1"));
  EXPECT_TRUE(holds("010", "x = 10"));
}

TEST_F(Filters, DecimalCommasAreThoseOfTheTable) {
  format.family = FormatFamily::csv;
  format.decimal_comma = true;
  EXPECT_TRUE(holds("1.234,56", "x > 1234.5"));
  EXPECT_TRUE(holds("1.234,50", "x = 1234.5"));
  EXPECT_FALSE(holds("1.5", "x = 1.50"));
}

TEST_F(Filters, ListsAndRangesWithBothEnds) {
  EXPECT_TRUE(holds("b", "x in (a, b)"));
  EXPECT_FALSE(holds("c", "x in (a, b)"));
  EXPECT_TRUE(holds("200", "x in (100, 200..299)"));
  EXPECT_TRUE(holds("299.0", "x in (200..299)"));
  EXPECT_FALSE(holds("299.5", "x in (200..299)"));
  EXPECT_FALSE(holds("199", "x in (200..299)"));
  EXPECT_TRUE(holds("bb", "x in (a..'c')"));
  EXPECT_FALSE(holds("cc", "x in (a..'c')"));
}

TEST_F(Filters, PatternsSearch) {
  EXPECT_TRUE(holds("/v1/health", "x ~ health"));
  EXPECT_FALSE(holds("/v1/health", "x ~ ^health"));
  EXPECT_TRUE(holds("/v1/health", "x !~ '^health'"));
  EXPECT_TRUE(holds("a12", R"(x ~ "^a\d+$")"));
  EXPECT_TRUE(holds("A", "x ~ '(?i)a'"));
}

/// Missing, an object, `1` and `2`: what is true of x.
TEST_F(Filters, LogicHasTwoValues) {
  struct Row {
    const char* expression;
    bool missing, composite, one, two;
  };
  const Row rows[] = {
      {"x = 1", false, false, true, false},         {"x != 1", true, true, false, true},
      {"x < 2", false, false, true, false},         {"x <= 1", false, false, true, false},
      {"x > 1", false, false, false, true},         {"x >= 2", false, false, false, true},
      {"x in (1)", false, false, true, false},      {"x not in (1)", true, true, false, true},
      {"x ~ 1", false, false, true, false},         {"x !~ 1", true, true, false, true},
      {"x is missing", true, false, false, false},  {"x is not missing", false, true, true, true},
      {"not x = 1", true, true, false, true},       {"not x != 1", false, false, true, false},
      {"not (x < 2)", true, true, false, true},     {"x = 1 or x != 1", true, true, true, true},
      {"x < 2 or x >= 2", false, false, true, true}};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.expression);
    EXPECT_EQ(passes(row.expression), row.missing);
    EXPECT_EQ(passes(row.expression, {}, "x"), row.composite);
    EXPECT_EQ(holds("1", row.expression), row.one);
    EXPECT_EQ(holds("2", row.expression), row.two);
  }
}

TEST_F(Filters, PiecesOfLists) {
  EXPECT_TRUE(holds("1.2.3.4, 5.6.7.8", "x:first = 1.2.3.4"));
  EXPECT_TRUE(holds("1.2.3.4, 5.6.7.8", "x:last = 5.6.7.8 and x:first != 5.6.7.8"));
  EXPECT_TRUE(holds(" ,a", "x:first is missing"));
}

TEST_F(Filters, TheEventsFieldsGoBeforeTheRecords) {
  const std::map<std::string, std::string> fields = {{"user", "other"}, {"status", "9"}};
  EXPECT_TRUE(passes("user = ann and task ~ '^GET ' and status = 404", fields));
  EXPECT_TRUE(passes("`user` = other and `status` = 9", fields));
  EXPECT_TRUE(passes("status in (400..499) and status ~ ^4 and status = '404'"));
  EXPECT_FALSE(passes("status in (500..599)"));
}

TEST_F(Filters, NoStatusIsMissing) {
  EXPECT_FALSE(passes("status is missing"));
  event.status = kNoStatus;
  EXPECT_TRUE(passes("status is missing and status != 200 and not status < 1000"));
  EXPECT_FALSE(passes("status in (0..999)"));
}

TEST_F(Filters, QuantitiesAreInTheUnit) {
  EXPECT_TRUE(passes("quantity = 12.5 and quantity = '12.5' and quantity > 12.49"));
  EXPECT_FALSE(passes("quantity = '12.500'"));
  EXPECT_FALSE(passes("quantity is missing"));
  event.quantity = -50;
  EXPECT_TRUE(passes("quantity = -0.05 and quantity < 0 and quantity = '-0.05'"));
  event.quantity = 3'000;
  EXPECT_TRUE(passes("quantity in (3) and quantity ~ ^3$"));
}

TEST_F(Filters, TimesAreThoseOfSinceInTheZone) {
  EXPECT_TRUE(passes("time >= 2025-05-02 and time < 2025-05-03"));
  EXPECT_TRUE(passes("time = '2025-05-02T23:16:50.25'"));
  EXPECT_TRUE(passes("time in (2025-05-01, 2025-05-02T23:16:50.25Z..2025-05-03)"));
  EXPECT_FALSE(passes("time in (2025-05-03..2025-05-04)"));
  EXPECT_FALSE(passes("time is missing"));
  format.timezone = "Europe/Berlin";
  EXPECT_TRUE(passes("time >= 2025-05-03 and time != 2025-05-03"));
}

TEST_F(Filters, FiltersWithoutTheEventComeFirstAndTheFirstThatDropsIsTold) {
  format.where = {"status = 200", "x = 1", "user = bob", "x = 2"};
  FieldList list;
  const WhereFilters filters(format, list);
  ASSERT_EQ(list.names().size(), 1U);
  const Field one = Field::of("1", 0);
  const Field two = Field::of("2", 0);
  EXPECT_EQ(filters.dropped_by_fields(&one), 3U);
  EXPECT_EQ(filters.dropped_by_fields(&two), 1U);
  EXPECT_EQ(filters.dropped_by_event(&one, event), 0U);
  event.status = 200;
  EXPECT_EQ(filters.dropped_by_event(&one, event), 2U);
  event.user = "bob";
  EXPECT_EQ(filters.dropped_by_event(&one, event), WhereFilters::kNone);
}

TEST_F(Filters, MistakesThatOnlyTheFieldShows) {
  EXPECT_EQ(refusal("status = 2xx"),
            "where: a status is a number; a range of them is in (200..299)");
  EXPECT_EQ(refusal("quantity > 5s"), "where: a quantity is a number, in units");
  EXPECT_EQ(refusal("time ~ 2025"), "where: times are compared with times, not searched");
  EXPECT_EQ(refusal("time:first = 2025-05-02"),
            "where: this is no list of which there is a first or a last");
  EXPECT_NE(refusal("time > noon").find("'noon' is no date or time"), std::string::npos);
  EXPECT_EQ(refusal("x in (300..200)"), "where: the end of this range is below its beginning");
  EXPECT_EQ(refusal("time in (2025-05-03..2025-05-02)"),
            "where: the end of this range is below its beginning");
  EXPECT_EQ(refusal("x ~ '('").substr(0, 27), "where: this is no pattern: ");
  format.mapping.time = "none";
  EXPECT_EQ(refusal("time > 2025-05-02"), "where: there are no times, as time is none");
}

TEST_F(Filters, TextHasTheEventsFieldsAlone) {
  format = {};
  event.quantity = 15;
  EXPECT_TRUE(passes("duration_ms = 15 and quantity = 15 and `status` = 404"));
  EXPECT_EQ(refusal("region = eu"),
            "where: records of the format text have no field 'region', only time, user, task, "
            "status, quantity and duration_ms");
}

}  // namespace
}  // namespace billing
