#include "billing/group_by.h"

#include <gtest/gtest.h>

#include <string>

#include "billing/error.h"

namespace billing {
namespace {

std::string error_of(const char* text) {
  try {
    parse_group_by(text);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(GroupByTest, KeepsThePartsThatAreNamedInAnyOrder) {
  EXPECT_EQ(parse_group_by("user,cycle,task"), (GroupBy{true, true, true}));
  EXPECT_EQ(parse_group_by("task,user"), (GroupBy{true, false, true}));
  EXPECT_EQ(parse_group_by("cycle"), (GroupBy{false, true, false}));
}

TEST(GroupByTest, NamesWhatIsUnknownOrRepeated) {
  EXPECT_NE(error_of("user,month").find("'month'"), std::string::npos) << error_of("user,month");
  EXPECT_NE(error_of("task,task").find("repeated part"), std::string::npos);
  EXPECT_NE(error_of("").find("user,cycle,task"), std::string::npos);
}

}  // namespace
}  // namespace billing
