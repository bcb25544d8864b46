#include "engine/recent_names.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace billing {
namespace {

class RecentNamesTest : public testing::Test {
 protected:
  std::uint32_t find(const std::string& name) const { return names_.find(name, head_of(name)); }
  void remember(const std::string& name, std::uint32_t number) {
    names_.remember(name, head_of(name), number);
  }

  RecentNames names_;
};

TEST_F(RecentNamesTest, KnowsNoneAtFirst) {
  for (std::size_t size = 1; size <= 255; ++size)
    EXPECT_EQ(find(std::string(size, 'a')), RecentNames::kUnknown);
}

TEST_F(RecentNamesTest, FindsNamesOfAnyLength) {
  for (std::size_t size = 1; size <= 255; ++size) {
    const std::string name(size, 'a');
    remember(name, static_cast<std::uint32_t>(size));
    EXPECT_EQ(find(std::string(size, 'a')), size);
  }
}

TEST_F(RecentNamesTest, TakesNoNameForAnother) {
  for (std::size_t size = 1; size <= 80; ++size) {
    const std::string name(size, 'a');
    remember(name, 7);
    for (std::size_t at = 0; at < size; ++at) {
      std::string other = name;
      other[at] = 'b';
      EXPECT_EQ(find(other), RecentNames::kUnknown) << other;
    }
    EXPECT_EQ(find(name + "a"), RecentNames::kUnknown);
  }
}

TEST_F(RecentNamesTest, KeepsSeveralThatBeginAndEndAlike) {
  std::vector<std::string> names;
  for (int i = 0; i < 8; ++i)
    names.push_back("GET /api/v1/users/" + std::to_string(i) + "/profile");
  for (std::uint32_t i = 0; i < names.size(); ++i) remember(names[i], i);
  std::size_t kept = 0;
  for (std::uint32_t i = 0; i < names.size(); ++i) {
    const std::uint32_t number = find(names[i]);
    EXPECT_TRUE(number == i || number == RecentNames::kUnknown);
    kept += number == i ? 1 : 0;
  }
  EXPECT_GE(kept, 6U);
}

}  // namespace
}  // namespace billing
