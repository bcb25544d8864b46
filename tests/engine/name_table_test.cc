#include "engine/name_table.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <set>
#include <string>
#include <vector>

namespace billing {
namespace {

class NameTableTest : public testing::TestWithParam<unsigned> {
 protected:
  std::uint32_t intern(std::string_view name) {
    const HashedName hashed = hash_name(name);
    const NameRef found = table_.find(hashed.hash);
    const NameRef interned = table_.intern(name, hashed, found);
    const std::uint32_t number = interned.number;
    EXPECT_EQ(interned.name, &table_.name(number));
    EXPECT_EQ(table_.intern(name, hashed).number, number);
    EXPECT_EQ(table_.intern(name, hashed, table_.find(hashed.hash)).number, number);
    const NameRef another{&table_.name(0), 0};
    EXPECT_EQ(table_.intern(name, hashed, another).number, number);
    EXPECT_EQ(table_.partition_of_number(number), table_.partition_of(hashed.hash));
    return number;
  }

  /// Interns them, in this order and again, and looks at all that the table then tells.
  void expect_kept(const std::vector<std::string>& names) {
    for (std::uint32_t n = 0; n < names.size(); ++n) ASSERT_EQ(intern(names[n]), n) << names[n];
    for (std::uint32_t n = 0; n < names.size(); ++n) ASSERT_EQ(intern(names[n]), n) << names[n];
    EXPECT_EQ(table_.size(), names.size());
    EXPECT_EQ(found(), names);
  }

  /// By for_each(), each name in the place of its number.
  std::vector<std::string> found() {
    std::vector<std::string> names(table_.size());
    for (std::uint32_t p = 0; p < 1U << GetParam(); ++p) {
      table_.for_each(p, [&](std::uint32_t number, std::uint32_t hash) {
        EXPECT_EQ(table_.partition_of_number(number), p);
        EXPECT_EQ(table_.partition_of(std::uint64_t{hash} << 32), p);
        EXPECT_EQ(names.at(number), "") << "visited twice";
        names[number] = table_.name(number).text();
      });
    }
    return names;
  }

  NameTable table_{GetParam()};
};

TEST_P(NameTableTest, AnEmptyTableHasNoNames) { expect_kept({}); }

TEST_P(NameTableTest, NamesOfEveryLengthAreKept) {
  std::vector<std::string> names;
  for (std::size_t bytes = 1; bytes <= 255; ++bytes) names.emplace_back(bytes, 'n');
  expect_kept(names);
}

TEST_P(NameTableTest, NamesThatDifferOnlyBehind16BytesAreDifferent) {
  std::vector<std::string> names{"sixteen bytes ok"};
  for (int i = 0; i < 3000; ++i) names.push_back("sixteen bytes ok" + std::to_string(i));
  for (int i = 0; i < 3000; ++i)
    names.push_back("sixteen bytes ok and " + std::to_string(i) + std::string(200, 'x'));
  expect_kept(names);
}

TEST_P(NameTableTest, NamesThatDifferInOneByteAreDifferent) {
  std::set<std::string> names;
  for (const std::size_t bytes : {1, 2, 8, 15, 16, 17, 24, 25, 255}) {
    for (std::size_t at = 0; at < bytes; ++at) {
      for (const char c : {'\x21', '\x7E', '\x80', '\xFF'}) {
        std::string name(bytes, 'n');
        name[at] = c;
        names.insert(name);
      }
    }
  }
  expect_kept({names.begin(), names.end()});
}

TEST_P(NameTableTest, ManyNamesMakeItGrow) {
  std::vector<std::string> names;
  for (int i = 0; i < 200'000; ++i) names.push_back("user" + std::to_string(i));
  expect_kept(names);
}

TEST_P(NameTableTest, ManyLongNamesMakeItGrow) {
  std::vector<std::string> names;
  for (int i = 0; i < 30'000; ++i)
    names.push_back(std::string(static_cast<std::size_t>(i % 240), 'x') +
                    std::to_string(100'000 + i));
  expect_kept(names);
}

TEST_P(NameTableTest, RowsStayWhereTheyAreAndKeepWhatIsBesideTheName) {
  NameTable table(GetParam(), 64);
  std::vector<std::byte*> rows;
  for (std::uint32_t n = 0; n < 100'000; ++n) {
    const std::string name = "u" + std::to_string(n);
    ASSERT_EQ(table.intern(name, hash_name(name)).number, n);
    rows.push_back(table.row(n));
    for (std::size_t i = sizeof(Name); i < 64; ++i) ASSERT_EQ(rows[n][i], std::byte{0});
    std::memset(rows[n] + sizeof(Name), static_cast<int>(n % 251 + 1), 64 - sizeof(Name));
  }
  for (std::uint32_t n = 0; n < rows.size(); ++n) {
    ASSERT_EQ(table.row(n), rows[n]);
    ASSERT_EQ(table.name(n).text(), "u" + std::to_string(n));
    for (std::size_t i = sizeof(Name); i < 64; ++i)
      ASSERT_EQ(rows[n][i], static_cast<std::byte>(n % 251 + 1));
  }
}

TEST_P(NameTableTest, NamesWhoseHashesAreTheSameAreToldApart) {
  for (const std::uint64_t hash : {std::uint64_t{0}, std::uint64_t{1} << 63, ~std::uint64_t{0}}) {
    NameTable table(GetParam());
    std::set<std::uint32_t> numbers;
    const auto intern = [&](const std::string& text) {
      HashedName hashed = hash_name(text);
      hashed.hash = hash;
      return table.intern(text, hashed, table.find(hash)).number;
    };
    // Among others, for which the table grows.
    for (std::uint32_t n = 0; n < 6000; ++n) {
      const std::string other = "other" + std::to_string(n);
      table.intern(other, hash_name(other));
      if (n % 200 == 0) numbers.insert(intern("same" + std::to_string(n)));
    }
    EXPECT_EQ(numbers.size(), 30);
    for (std::uint32_t n = 0; n < 6000; n += 200)
      EXPECT_EQ(numbers.count(intern("same" + std::to_string(n))), 1);
    std::set<std::uint32_t> visited;
    table.for_each(table.partition_of(hash), [&](std::uint32_t number, std::uint32_t) {
      if (numbers.count(number) == 0) return;
      EXPECT_TRUE(visited.insert(number).second);
    });
    EXPECT_EQ(visited, numbers);
  }
}

TEST_P(NameTableTest, APrefetchIsAllowedForAnyHash) {
  table_.prefetch_bucket(0);
  table_.prefetch_bucket(~std::uint64_t{0});
  EXPECT_EQ(table_.find(0).name, nullptr);
  EXPECT_EQ(table_.find(~std::uint64_t{0}).name, nullptr);
}

INSTANTIATE_TEST_SUITE_P(PartitionBits, NameTableTest, testing::Values(0, 1, 8, 12));

TEST(HashedNameTest, DependsOnTheNameAndNotOnItsPlace) {
  std::string text = "xxxxxxxxuser115 and then something else\n";
  const HashedName expected = hash_name("user115");
  for (std::size_t shift = 1; shift < 8; ++shift) {
    text.erase(0, 1);
    const HashedName hashed = hash_name(std::string_view(text).substr(8 - shift, 7));
    EXPECT_EQ(hashed.hash, expected.hash);
    EXPECT_EQ(hashed.head[0], expected.head[0]);
    EXPECT_EQ(hashed.head[1], 0u);
  }
}

TEST(HashedNameTest, NeverReadsBeyondTheLastPage) {
  const auto page_bytes = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  char* const memory = static_cast<char*>(
      ::mmap(nullptr, page_bytes * 2, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  ASSERT_EQ(::mprotect(memory + page_bytes, page_bytes, PROT_NONE), 0);
  for (std::size_t bytes = 1; bytes <= 255; ++bytes) {
    const std::string name(bytes, 'n');
    char* const at = memory + page_bytes - bytes;
    std::memcpy(at, name.data(), bytes);
    EXPECT_EQ(hash_name({at, bytes}).hash, hash_name(name).hash) << bytes;
  }
  ::munmap(memory, page_bytes * 2);
}

TEST(HashedNameTest, SpreadsSimilarNamesOverAllPartitions) {
  std::vector<int> names_in(256, 0);
  for (int i = 0; i < 256'000; ++i) ++names_in[hash_name("user" + std::to_string(i)).hash >> 56];
  for (const int names : names_in) {
    EXPECT_GT(names, 700);
    EXPECT_LT(names, 1300);
  }
}

}  // namespace
}  // namespace billing
