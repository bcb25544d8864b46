#include "engine/user_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "engine/close_partition.h"

namespace billing {
namespace {

using Names = std::vector<std::string>;

/// Orders distinct names that lie in several partitions, and compares with std::sort.
void expect_ordered(Names names) {
  constexpr std::size_t kPartitions = 4;
  NameTable table(0);
  std::vector<ClosedPartition> partitions(kPartitions);
  for (std::size_t i = 0; i < names.size(); ++i) {
    ClosedPartition& partition = partitions[i * 7 % kPartitions];
    const Name& name = *table.intern(names[i], hash_name(names[i])).name;
    partition.users.push_back({&name, 0, 1});
  }
  Names ordered;
  const OrderedUsers users = order_users(partitions);
  for (const NameKey& key : std::span(users.keys.get(), users.size))
    ordered.emplace_back(partitions[key.table].users[key.index].name->text());
  std::sort(names.begin(), names.end());
  EXPECT_TRUE(ordered == names) << names.size() << " names";
}

TEST(UserOrderTest, NumberedNames) {
  for (const int count : {0, 1, 2, 9, 11, 1000, 100'000}) {
    Names names;
    for (int i = 0; i < count; ++i) names.push_back("user" + std::to_string(i));
    expect_ordered(names);
  }
}

TEST(UserOrderTest, NamesThatOnlyTheirEndsTellApart) {
  for (const std::string& front :
       {std::string(15, 'x'), std::string(16, 'x'), std::string(200, 'x')}) {
    Names names{front};
    for (int i = 0; i < 20'000; ++i) names.push_back(front + std::to_string(i));
    expect_ordered(names);
  }
}

TEST(UserOrderTest, NamesOfTenantsWithLongPrefixes) {
  for (const int count : {100, 5000, 60'000}) {
    Names names;
    for (int i = 0; i < count; ++i) {
      const std::string number = std::to_string(i);
      switch (i % 5) {
        case 0:
          names.push_back("tenant-production-europe-west/user-" + number);
          break;
        case 1:
          names.push_back("tenant-production-europe-west-2/user-" + number);
          break;
        case 2:
          names.push_back("google-oauth2|1067" + number);
          break;
        case 3:
          names.push_back("arn:aws:iam::" + std::to_string(i % 7) + "12345678901:user/" + number);
          break;
        default:
          names.push_back(number);
      }
    }
    expect_ordered(names);
  }
}

TEST(UserOrderTest, NamesThatShareMoreAndMore) {
  Names names;
  for (std::size_t shared = 0; shared < 240; shared += 3) {
    for (int i = 0; i < 100; ++i)
      names.push_back(std::string(shared, 'p') + std::to_string(i * 7919 % 10'007));
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  expect_ordered(names);
}

TEST(UserOrderTest, NamesOfWhichEachBeginsTheNext) {
  Names names;
  for (std::size_t size = 1; size <= 255; ++size) names.push_back(std::string(size, 'x'));
  expect_ordered(names);
}

TEST(UserOrderTest, FewNamesThatDifferInAllPackedBits) {
  std::mt19937_64 random(2);
  expect_ordered({"9999999999999999", "0000000000000000"});
  for (std::size_t count = 2; count < 300; ++count) {
    std::set<std::string> names{"0000000000000000", "9999999999999999"};
    while (names.size() < count) {
      std::string name(16, '0');
      for (char& c : name) c = static_cast<char>('0' + random() % 10);
      names.insert(name);
    }
    expect_ordered({names.begin(), names.end()});
  }
}

TEST(UserOrderTest, NamesOfAnyBytes) {
  std::mt19937_64 random(1);
  for (const int values : {2, 3, 16, 222}) {
    for (const std::size_t longest : {1U, 3U, 8U, 9U, 20U, 255U}) {
      std::set<std::string> names;
      for (int i = 0; i < 3000; ++i) {
        std::string name(1 + random() % longest, ' ');
        for (char& c : name) c = static_cast<char>(0x21 + random() % static_cast<unsigned>(values));
        names.insert(name);
      }
      Names shuffled(names.begin(), names.end());
      std::shuffle(shuffled.begin(), shuffled.end(), random);
      expect_ordered(shuffled);
    }
  }
}

}  // namespace
}  // namespace billing
