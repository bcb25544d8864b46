#include "billing/task_names.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace billing {
namespace {

TEST(TaskNamesTest, StandAtTheirIndexes) {
  const TaskNames names{"", "a", "ab", "b", std::string(255, 'x')};
  ASSERT_EQ(names.size(), 5);
  EXPECT_EQ(names[0], "");
  EXPECT_EQ(names[2], "ab");
  EXPECT_EQ(names[4], std::string(255, 'x'));
}

TEST(TaskNamesTest, NoneIsEmpty) {
  const TaskNames names;
  EXPECT_TRUE(names.empty());
  EXPECT_EQ(names.find("a"), 0);
  EXPECT_TRUE(names == TaskNames::Builder().finish());
}

TEST(TaskNamesTest, AreFound) {
  const TaskNames names{"b", "d", "f"};
  EXPECT_EQ(names.find("b"), 0);
  EXPECT_EQ(names.find("f"), 2);
  for (const char* const other : {"", "a", "c", "e", "g", "bb"}) EXPECT_EQ(names.find(other), 3);
  EXPECT_EQ(names.lower_bound("c"), 1);
  EXPECT_EQ(names.lower_bound("g"), 3);
}

TEST(TaskNamesTest, CopiesShareThem) {
  TaskNames copy;
  const char* data = nullptr;
  {
    const TaskNames names{"a", "b"};
    copy = names;
    data = names[1].data();
  }
  EXPECT_EQ(copy[1].data(), data);
  EXPECT_EQ(copy[1], "b");
}

TEST(TaskNamesTest, NamesOutOfOrderAndTooLongOnesAreRefused) {
  EXPECT_THROW(TaskNames({"b", "a"}), std::invalid_argument);
  EXPECT_THROW(TaskNames({"a", "a"}), std::invalid_argument);
  EXPECT_THROW(TaskNames({std::string(256, 'x')}), std::invalid_argument);
}

TEST(TaskNamesTest, ManyMoreThanShareABase) {
  TaskNames::Builder builder;
  for (int i = 1'000'000; i < 1'200'000; ++i) builder.add(std::to_string(i));
  const TaskNames names = builder.finish();
  for (std::size_t i = 0; i < names.size(); i += 37)
    ASSERT_EQ(names[i], std::to_string(1'000'000 + i));
  EXPECT_EQ(names.find("1199999"), 199'999);
  EXPECT_LT(names.memory_bytes(), 200'000 * 13);
}

}  // namespace
}  // namespace billing
