#include "billing/price_book.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace billing {
namespace {

using Mistakes = std::vector<std::string>;

class PriceBookTest : public testing::Test {
 protected:
  void build(const std::vector<std::vector<RateSetting>>& layers) {
    mistakes_.clear();
    book_ = PriceBook::build(layers, mistakes_);
  }

  /// `decimal from source` of the task's rate.
  std::string rate_of(std::string_view task) const {
    const Rate* rate = book_.find(task);
    return rate == nullptr ? "none" : rate->decimal + " from " + rate->source;
  }

  PriceBook book_;
  Mistakes mistakes_;
};

TEST_F(PriceBookTest, FindsEachTaskAndNoOther) {
  build({{{"login", ".005", "--rate"}, {"createOrder", "0.01", "--rate"}}});
  EXPECT_EQ(rate_of("login"), ".005 from --rate");
  EXPECT_EQ(rate_of("createOrder"), "0.01 from --rate");
  EXPECT_EQ(rate_of("Login"), "none");
  EXPECT_EQ(rate_of("log"), "none");
  EXPECT_EQ(rate_of(""), "none");
  EXPECT_EQ(mistakes_, Mistakes());
}

TEST_F(PriceBookTest, PricesAreIntegersOf10ToTheMinus12) {
  build({{{"login", ".005", "--rate"}}});
  EXPECT_TRUE(book_.find("login")->price == 5'000'000'000);
}

TEST_F(PriceBookTest, WithoutLayersItIsEmpty) {
  build({});
  EXPECT_EQ(rate_of("login"), "none");
  EXPECT_TRUE(book_.rates().empty());
}

TEST_F(PriceBookTest, TheHigherLayerWins) {
  build({{{"a", "1", ".env:1"}, {"b", "1", ".env:2"}, {"c", "1", ".env:3"}},
         {{"b", "2", "environment"}, {"c", "2", "environment"}},
         {{"c", "3", "--rate"}}});
  EXPECT_EQ(rate_of("a"), "1 from .env:1");
  EXPECT_EQ(rate_of("b"), "2 from environment");
  EXPECT_EQ(rate_of("c"), "3 from --rate");
  EXPECT_EQ(mistakes_, Mistakes());
}

TEST_F(PriceBookTest, RatesStandInTheOrderOfTheBytes) {
  build({{{"é", "1", "x"}, {"b", "1", "x"}, {"Z", "1", "x"}, {"a", "1", "x"}}});
  std::vector<std::string> tasks;
  for (const Rate& rate : book_.rates()) tasks.push_back(rate.task);
  EXPECT_EQ(tasks, (std::vector<std::string>{"Z", "a", "b", "é"}));
  EXPECT_EQ(rate_of("é"), "1 from x");
}

TEST_F(PriceBookTest, ATaskTwiceInOneLayer) {
  build({{{"login", "1", "--rate"}, {"login", "1", "--rate"}}});
  EXPECT_EQ(mistakes_, (Mistakes{"--rate: login is given twice"}));
  build({{{"login", "1", ".env:1"}, {"login", "2", ".env:3"}}});
  EXPECT_EQ(mistakes_, (Mistakes{".env:3: login is given twice (before in .env:1)"}));
}

TEST_F(PriceBookTest, ADecimalThatIsNone) {
  build({{{"login", "0,005", ".env:3"}}});
  EXPECT_EQ(mistakes_,
            (Mistakes{".env:3: rate of login: '0,005' is not a decimal such as 0.005 (up "
                      "to 15 digits, then up to 12 after the point)"}));
}

TEST_F(PriceBookTest, ATaskThatNoRecordCanHave) {
  for (const char* task : {"get\x01user", "get\tuser", "x\n", "\xff", "\xc2\x85"}) {
    build({{{task, "1", "environment"}}});
    EXPECT_EQ(mistakes_.size(), 1) << task;
    EXPECT_TRUE(book_.rates().empty()) << task;
  }
  build({{{"get\x01user", "1", ".env:2"}}});
  EXPECT_EQ(mistakes_,
            (Mistakes{".env:2: a rate is given for the task 'get\\x01user', but a task is 1 to "
                      "255 bytes of UTF-8 without control characters"}));
  build({{{"", "1", "--rate"}}});
  EXPECT_EQ(mistakes_,
            (Mistakes{"--rate: a rate is given for no task, but a task is 1 to 255 bytes "
                      "of UTF-8 without control characters"}));
}

TEST_F(PriceBookTest, ATaskMayHoldSpaces) {
  build({{{"GET /a", "1", "--rate"}}});
  EXPECT_TRUE(mistakes_.empty());
  ASSERT_NE(book_.find("GET /a"), nullptr);
  EXPECT_EQ(book_.find("GET /b"), nullptr);
}

TEST_F(PriceBookTest, AllOtherTasksMayHaveARate) {
  build({{{"a", "1", ".env:1"}}, {{"*", "2", "--rate", true}}});
  EXPECT_TRUE(mistakes_.empty());
  EXPECT_EQ(book_.find("a")->decimal, "1");
  EXPECT_EQ(book_.find("b")->decimal, "2");
  build({{{"*", "1", "--rate", true}, {"*", "2", "--rate", true}}});
  EXPECT_EQ(mistakes_, (Mistakes{"--rate: * is given twice"}));
}

TEST_F(PriceBookTest, ATaskMayHave255Bytes) {
  build({{{std::string(255, 't'), "1", "--rate"}}});
  EXPECT_EQ(mistakes_, Mistakes());
  build({{{std::string(256, 't'), "1", "--rate"}}});
  EXPECT_EQ(mistakes_.size(), 1);
}

TEST_F(PriceBookTest, AllMistakesOfAllLayersAreToldAtOnce) {
  build({{{"a", "x", ".env:1"}, {"b", "1", ".env:2"}},
         {{"", "1", "environment"}},
         {{"a", "1", "--rate"}, {"b", "y", "--rate"}, {"b", "1", "--rate"}}});
  EXPECT_EQ(mistakes_.size(), 4);
}

TEST_F(PriceBookTest, MessagesAreEscapedAndShort) {
  build({{{"login", std::string(1000, '9') + "\x1b", "--rate"}}});
  ASSERT_EQ(mistakes_.size(), 1);
  EXPECT_LT(mistakes_[0].size(), 300);
  build({{{"\x1b[2J", "1", "--rate"}}});
  EXPECT_NE(mistakes_[0].find("'\\x1B[2J'"), std::string::npos);
}

}  // namespace
}  // namespace billing
