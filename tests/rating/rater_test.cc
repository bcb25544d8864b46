#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "billing/error.h"
#include "billing/statement.h"

namespace billing {
namespace {

using Lines = std::vector<std::string>;

constexpr std::uint64_t kLargestQuantity = (std::uint64_t{1} << 63) - 1;

std::string text_of(Uint128 units, int scale = 0) {
  std::string out;
  append_amount(out, units, scale);
  return out;
}

/// Tasks 0, 1 and 2 are createOrder, free (without a rate) and login.
class RaterTest : public testing::Test {
 protected:
  void set_rates(const std::string& create_order, const std::string& login) {
    std::vector<std::string> mistakes;
    prices_ =
        PriceBook::build({{{"createOrder", create_order, "x"}, {"login", login, "x"}}}, mistakes);
    EXPECT_EQ(mistakes, std::vector<std::string>());
  }

  void group_by(GroupBy parts) { options_.group_by = parts; }

  void rate(std::initializer_list<Sum> rows) {
    options_.prices = &prices_;
    options_.append_cycle_label = [](std::int64_t cycle, std::string& out) {
      out += std::to_string(cycle);
    };
    totals_ = Rater(options_, tasks_).rate(std::vector<Sum>(rows), lines_);
  }

  /// Each line as `user cycle task: calls quantity cost`.
  Lines rated(std::initializer_list<Sum> rows) {
    rate(rows);
    Lines texts;
    for (const StatementLine& line : lines_) {
      texts.push_back(std::string(line.user) + ' ' + std::to_string(line.cycle) + ' ' +
                      std::to_string(line.task) + ": " + std::to_string(line.calls) + ' ' +
                      std::to_string(line.quantity) + ' ' +
                      text_of(line.cost, options_.rounding.scale));
    }
    return texts;
  }

  std::string error_of(std::initializer_list<Sum> rows) {
    try {
      rate(rows);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::run);
      return error.what();
    }
    return "no error";
  }

  const TaskNames tasks_ = {"createOrder", "free", "login"};
  PriceBook prices_;
  RatingOptions options_;
  std::vector<StatementLine> lines_;
  StatementTotals totals_;
};

TEST_F(RaterTest, ALineForEachRowWhereAllPartsAreKept) {
  set_rates(".010", ".005");
  EXPECT_EQ(
      rated({{"a", 1, 0, 2, 100}, {"a", 1, 2, 1, 123}, {"a", 2, 2, 1, 7}, {"b", 1, 0, 1, 1}}),
      (Lines{"a 1 0: 2 100 1.00", "a 1 2: 1 123 0.62", "a 2 2: 1 7 0.04", "b 1 0: 1 1 0.01"}));
}

TEST_F(RaterTest, TasksAreAddedUpBeforeRounding) {
  set_rates(".004", ".004");
  group_by({true, false, false});
  EXPECT_EQ(rated({{"a", 0, 0, 1, 1}, {"a", 0, 2, 1, 1}, {"b", 0, 2, 1, 1}}),
            (Lines{"a 0 0: 2 2 0.01", "b 0 0: 1 1 0.00"}));
}

TEST_F(RaterTest, ADroppedTaskLeavesNoTraceInTheLine) {
  set_rates("1", "1");
  group_by({true, true, false});
  EXPECT_EQ(rated({{"a", 1, 2, 1, 1}, {"a", 2, 0, 1, 1}, {"a", 2, 1, 1, 1}}),
            (Lines{"a 1 0: 1 1 1.00", "a 2 0: 2 2 1.00"}));
}

TEST_F(RaterTest, OneLineForAllUsers) {
  set_rates("1", "2");
  group_by({false, true, false});
  EXPECT_EQ(rated({{"", 1, 0, 1, 1}, {"", 1, 2, 1, 1}, {"", 2, 2, 1, 1}}),
            (Lines{" 1 0: 2 2 3.00", " 2 0: 1 1 2.00"}));
}

TEST_F(RaterTest, UsersAreComparedByTheirBytes) {
  set_rates("1", "1");
  group_by({true, false, false});
  const std::string twin = "a";
  EXPECT_EQ(rated({{"a", 0, 0, 1, 1}, {twin, 0, 2, 1, 1}, {"aa", 0, 2, 1, 1}}),
            (Lines{"a 0 0: 2 2 2.00", "aa 0 0: 1 1 1.00"}));
}

TEST_F(RaterTest, ATaskWithoutARateCostsNothing) {
  set_rates("1", "1");
  EXPECT_EQ(rated({{"a", 1, 1, 1, 500}}), (Lines{"a 1 1: 1 500 0.00"}));
  EXPECT_TRUE(totals_.exact == 0);
}

TEST_F(RaterTest, NoRowsGiveNoLines) {
  lines_.resize(3);
  EXPECT_EQ(rated({}), Lines());
  EXPECT_EQ(totals_.lines, 0);
}

TEST_F(RaterTest, TotalsTellTheRoundedAndTheExactAmount) {
  set_rates(".010", ".005");
  rate({{"a", 1, 0, 2, 100}, {"a", 1, 2, 1, 123}, {"b", 1, 2, 3, 1}});
  EXPECT_EQ(totals_.lines, 3);
  EXPECT_EQ(totals_.calls, 6);
  EXPECT_EQ(text_of(totals_.quantity), "224");
  EXPECT_EQ(text_of(totals_.billed, 2), "1.63");
  EXPECT_EQ(text_of(totals_.exact, 12), "1.620000000000");
}

TEST_F(RaterTest, TotalsOfBlocksAddUp) {
  set_rates(".010", ".005");
  rate({{"a", 1, 0, 2, 100}});
  StatementTotals sum = totals_;
  rate({{"b", 1, 2, 1, 123}});
  sum += totals_;
  EXPECT_EQ(sum.lines, 2);
  EXPECT_EQ(sum.calls, 3);
  EXPECT_EQ(text_of(sum.quantity), "223");
  EXPECT_EQ(text_of(sum.billed, 2), "1.62");
  EXPECT_EQ(text_of(sum.exact, 12), "1.615000000000");
}

TEST_F(RaterTest, TheLargestQuantity) {
  set_rates("1", "1");
  EXPECT_EQ(rated({{"a", 1, 0, 1, kLargestQuantity}}),
            (Lines{"a 1 0: 1 9223372036854775807 9223372036854775807.00"}));
}

TEST_F(RaterTest, AQuantityThatReaches2ToThe63NamesItsKey) {
  set_rates("1", "1");
  EXPECT_EQ(error_of({{"user1", 3, 2, 1, kLargestQuantity + 1}})
                .find("user1 cycle=3 task=login: the quantity"),
            0);
  // Of a task that costs nothing.
  EXPECT_EQ(error_of({{"user1", 3, 1, 1, Int128{1} << 100}}).find("user1 cycle=3 task=free: "), 0);
  EXPECT_EQ(error_of({{"user1", 3, 1, 1, -(Int128{1} << 63)}}).find("user1 cycle=3 task=free: "),
            0);
}

TEST_F(RaterTest, AQuantityThatReaches2ToThe63OnlyAsASumOfTasks) {
  set_rates("1", "1");
  group_by({true, false, false});
  EXPECT_EQ(error_of({{"a", 0, 0, 1, kLargestQuantity}, {"a", 0, 2, 1, 1}}).find("a: the quantity"),
            0);
  EXPECT_EQ(error_of({{"a", 0, 0, 1, kLargestQuantity}, {"a", 0, 2, 1, kLargestQuantity}})
                .find("a: the quantity"),
            0);
}

TEST_F(RaterTest, ACostThatReaches2ToThe127NamesItsKey) {
  set_rates("1", "999999999999999.999999999999");
  group_by({false, true, true});
  EXPECT_EQ(error_of({{"", 3, 2, 1, 170'141'183'461}}).find("cycle=3 task=login: the cost"), 0);
  // So large that the product leaves 128 bits.
  EXPECT_EQ(error_of({{"", 3, 2, 1, kLargestQuantity}}).find("cycle=3 task=login: the cost"), 0);
  EXPECT_EQ(error_of({{"", 3, 2, 1, 170'141'183'460}}), "no error");
}

TEST_F(RaterTest, ACostThatReaches2ToThe127OnlyAsASumOfTasks) {
  set_rates("999999999999999.999999999999", "999999999999999.999999999999");
  group_by({true, false, false});
  EXPECT_EQ(error_of({{"a", 0, 0, 1, 85'070'591'730}, {"a", 0, 2, 1, 85'070'591'731}})
                .find("a: the cost"),
            0);
}

TEST_F(RaterTest, TheTotalOfAllLinesMustStayBelowTheSameLimit) {
  set_rates("999999999999999", "999999999999999");
  EXPECT_EQ(error_of({{"a", 1, 0, 1, 100'000'000'000}, {"b", 1, 0, 1, 100'000'000'000}})
                .find("the total of all lines"),
            0);
  rate({{"a", 1, 0, 1, 100'000'000'000}});
  StatementTotals sum = totals_;
  EXPECT_THROW(sum += totals_, Error);
}

TEST_F(RaterTest, CreditsAreSubtractedAndRoundedByTheirMagnitude) {
  set_rates(".005", ".005");
  group_by({true, false, false});
  EXPECT_EQ(
      rated({{"a", 0, 0, 1, 3}, {"a", 0, 2, 1, -4}, {"b", 0, 0, 1, -3}, {"c", 0, 0, 1, -200}}),
      (Lines{"a 0 0: 2 -1 -0.01", "b 0 0: 1 -3 -0.02", "c 0 0: 1 -200 -1.00"}));
  EXPECT_EQ(text_of(totals_.quantity), "-204");
  EXPECT_EQ(text_of(totals_.exact, 12), "-1.020000000000");
  // What is larger than any line may be is no matter where credits bring it back.
  EXPECT_EQ(rated({{"a", 0, 0, 1, kLargestQuantity}, {"a", 0, 0, 1, 9}, {"a", 0, 2, 1, -10}}),
            (Lines{"a 0 0: 3 9223372036854775806 46116860184273879.03"}));
}

TEST_F(RaterTest, QuantitiesWithDigitsAfterThePoint) {
  set_rates("0.5", "2");
  options_.quantity = {"GB", 9, true};
  EXPECT_EQ(rated({{"a", 0, 0, 1, 1}, {"a", 0, 2, 1, 12'500'000'000}, {"b", 0, 0, 1, 30'000'000}}),
            (Lines{"a 0 0: 1 1 0.00", "a 0 2: 1 12500000000 25.00", "b 0 0: 1 30000000 0.02"}));
  EXPECT_EQ(text_of(totals_.exact, 21), "25.015000000500000000000");
  EXPECT_EQ(error_of({{"a", 0, 2, 1, kLargestQuantity + 1}})
                .find("a cycle=0 task=login: the quantity reaches 2^63 units of 10^-9 GB"),
            0);
  // 2^127 units of 10^-21: more than 8 * 10^16 at a rate of 2.
  EXPECT_EQ(error_of({{"a", 0, 2, 1, kLargestQuantity}}), "no error");
  set_rates("1", "999999999999999");
  EXPECT_EQ(error_of({{"a", 0, 2, 1, kLargestQuantity}})
                .find("a cycle=0 task=login: the cost reaches 2^127 units of 10^-21"),
            0);
}

TEST_F(RaterTest, NamesInErrorsAreEscaped) {
  set_rates("1", "1");
  group_by({true, false, false});
  EXPECT_EQ(error_of({{"a\\b\x1b", 0, 0, 1, kLargestQuantity + 1}}).find(R"(a\\b\x1B: )"), 0);
}

}  // namespace
}  // namespace billing
