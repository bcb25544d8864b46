#include "engine/name_packer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "engine/name_table.h"

namespace billing {
namespace {

using Names = std::vector<std::string>;

class NamePackerTest : public testing::Test {
 protected:
  const Name& name(const std::string& text) { return *table_.intern(text, hash_name(text)).name; }

  std::vector<const Name*> sample(const Names& names) {
    std::vector<const Name*> sample;
    for (const std::string& text : names) sample.push_back(&name(text));
    return sample;
  }

  /// Whether the greater of two neighbours has the greater number, each time.
  bool tells_all_apart(const NamePacker& packer, Names names) {
    std::sort(names.begin(), names.end());
    return std::adjacent_find(names.begin(), names.end(), [&](const auto& a, const auto& b) {
             return packer.pack(name(a)) >= packer.pack(name(b));
           }) == names.end();
  }

  Names random_names(std::size_t count) {
    Names names;
    const std::string front(random_() % 40, 'f');
    for (; count > 0; --count) {
      std::string text = front.substr(0, front.size() - random_() % (front.size() + 1) / 2);
      for (std::size_t k = 1 + random_() % 20; k > 0; --k)
        text += "abz\xc3"[random_() % (random_() % 10 == 0 ? 4 : 2)];
      names.push_back(text);
    }
    return names;
  }

  std::mt19937_64 random_{5};

 private:
  NameTable table_{0};
};

TEST_F(NamePackerTest, WhatAllNamesBeginWithCostsNoBits) {
  const Names names{"tenant-production-user1", "tenant-production-user10",
                    "tenant-production-user2", "tenant-production-userA"};
  EXPECT_TRUE(tells_all_apart(NamePacker(sample(names)), names));
  const std::string front(240, 'x');
  EXPECT_TRUE(
      tells_all_apart(NamePacker(sample({front + "1", front + "2"})), {front + "1", front + "2"}));
}

TEST_F(NamePackerTest, NamesOfSeveralBeginningsAreToldApart) {
  Names names;
  for (int i = 0; i < 300; ++i) {
    names.push_back("tenant-production-europe-west/user-" + std::to_string(i));
    names.push_back("tenant-production-europe-east/u" + std::to_string(i));
    names.push_back("arn:aws:iam::123456789012:user/division/" + std::to_string(i));
  }
  names.insert(names.end(), {"a", "b", "tenant", "zzz"});
  EXPECT_TRUE(tells_all_apart(NamePacker(sample(names)), names));
}

TEST_F(NamePackerTest, OneNameIsNotToldApart) {
  EXPECT_FALSE(NamePacker(sample({"user"})).tells_apart());
  EXPECT_FALSE(NamePacker(sample({"user", "user"})).tells_apart());
  EXPECT_TRUE(NamePacker(sample({"user", "user1"})).tells_apart());
}

TEST_F(NamePackerTest, NumbersOrderAsNamesDoWhateverWasInTheSample) {
  for (int round = 0; round < 5000; ++round) {
    const NamePacker packer(sample(random_names(1 + random_() % 12)));
    Names names = random_names(12);
    std::sort(names.begin(), names.end());
    for (std::size_t i = 1; i < names.size(); ++i) {
      ASSERT_LE(packer.pack(name(names[i - 1])), packer.pack(name(names[i])))
          << names[i - 1] << ", " << names[i];
    }
  }
}

TEST_F(NamePackerTest, SomeNamesOfASampleAreToldApart) {
  for (int round = 0; round < 2000; ++round) {
    Names names = random_names(2 + random_() % 20);
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    if (names.size() < 2) continue;
    const NamePacker packer(sample(names));
    ASSERT_TRUE(packer.tells_apart());
    ASSERT_LT(packer.pack(name(names.front())), packer.pack(name(names.back())));
  }
}

}  // namespace
}  // namespace billing
