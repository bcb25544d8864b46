#include "base/byte_codec.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

namespace billing {
namespace {

constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();

std::vector<std::uint64_t> edges() {
  std::vector<std::uint64_t> values{0, kMost};
  for (unsigned bit = 0; bit < 64; ++bit) {
    for (const std::uint64_t near : {0, 1, 2})
      values.push_back((std::uint64_t{1} << bit) - 1 + near);
  }
  return values;
}

TEST(ByteCodec, VarintsAreReadAsTheyWereWritten) {
  std::string bytes;
  for (const std::uint64_t value : edges()) append_varint(bytes, value);
  ByteReader reader(bytes);
  for (const std::uint64_t value : edges()) EXPECT_EQ(reader.varint(), value);
  EXPECT_TRUE(reader.at_end());
  EXPECT_FALSE(reader.failed());
}

TEST(ByteCodec, SmallNumbersAreShort) {
  std::string bytes;
  append_varint(bytes, 127);
  EXPECT_EQ(bytes, "\x7F");
  append_varint(bytes, 300);
  EXPECT_EQ(bytes, "\x7F\xAC\x02");
}

TEST(ByteCodec, ZigzagsKeepTheSign) {
  using Limits = std::numeric_limits<std::int64_t>;
  for (const std::int64_t value : {Limits::min(), Limits::max(), std::int64_t{0}, std::int64_t{-1},
                                   std::int64_t{1}, std::int64_t{-2}}) {
    EXPECT_EQ(unzigzag(zigzag(value)), value);
  }
  EXPECT_EQ(zigzag(-1), 1u);
  EXPECT_EQ(zigzag(1), 2u);
}

TEST(ByteCodec, VarintsThatDoNotFitFail) {
  for (const std::string& bytes : {std::string(9, '\x80') + '\x02',
                                   std::string(10, '\x80') + '\x01', std::string(20, '\xFF')}) {
    ByteReader reader(bytes);
    EXPECT_EQ(reader.varint(), 0u);
    EXPECT_TRUE(reader.failed());
    EXPECT_TRUE(reader.at_end());
  }
}

TEST(ByteCodec, WhateverEndsTooEarlyFails) {
  std::string bytes;
  append_varint(bytes, kMost);
  append_string(bytes, "a name");
  append_fixed(bytes, std::uint64_t{7});
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ByteReader reader(std::string_view(bytes).substr(0, size));
    reader.varint();
    reader.string();
    reader.fixed<std::uint64_t>();
    EXPECT_TRUE(reader.failed()) << size;
    EXPECT_TRUE(reader.at_end()) << size;
    EXPECT_EQ(reader.string(), "") << size;
  }
  ByteReader whole(bytes);
  EXPECT_EQ(whole.varint(), kMost);
  EXPECT_EQ(whole.string(), "a name");
  EXPECT_EQ(whole.fixed<std::uint64_t>(), 7u);
  EXPECT_FALSE(whole.failed());
}

TEST(ByteCodec, AStringThatSaysItIsHugeFails) {
  std::string bytes;
  append_varint(bytes, kMost);
  bytes += "abc";
  ByteReader reader(bytes);
  EXPECT_EQ(reader.string(), "");
  EXPECT_TRUE(reader.failed());
}

}  // namespace
}  // namespace billing
