#include "base/utf8.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace billing {
namespace {

using namespace std::string_view_literals;

/// The encoding of any number below 2^21, valid or not, in the fewest bytes.
std::string encode(std::uint32_t code) {
  const auto continuation = [code](int shift) {
    return static_cast<char>(0x80 | ((code >> shift) & 0x3f));
  };
  if (code < 0x80) return {static_cast<char>(code)};
  if (code < 0x800) return {static_cast<char>(0xc0 | code >> 6), continuation(0)};
  if (code < 0x10000) {
    return {static_cast<char>(0xe0 | code >> 12), continuation(6), continuation(0)};
  }
  return {static_cast<char>(0xf0 | code >> 18), continuation(12), continuation(6), continuation(0)};
}

bool is_character(std::uint32_t code) {
  return code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
}

bool is_control(std::uint32_t code) { return code < 0x20 || (code >= 0x7f && code <= 0x9f); }

TEST(Utf8, EveryCodePoint) {
  for (std::uint32_t code = 0; code < 0x1fffff; ++code) {
    const std::string bytes = encode(code);
    ASSERT_EQ(utf8_sequence_bytes(bytes, 0), is_character(code) ? bytes.size() : 0) << code;
    ASSERT_EQ(is_valid_name(bytes), is_character(code) && !is_control(code)) << code;
  }
}

TEST(Utf8, EveryPairOfBytesIsCharactersOrNot) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string bytes = {static_cast<char>(first), static_cast<char>(second)};
      const bool two_ascii = first < 0x80 && second < 0x80;
      const bool one_sequence = first >= 0xc2 && first <= 0xdf && (second & 0xc0) == 0x80;
      ASSERT_EQ(utf8_sequence_bytes(bytes, 0), first < 0x80 ? 1U : one_sequence ? 2U : 0U);
      const bool is_plain = two_ascii && !is_control(static_cast<std::uint32_t>(first)) &&
                            !is_control(static_cast<std::uint32_t>(second));
      ASSERT_EQ(is_valid_name(bytes),
                is_plain || (one_sequence && (first > 0xc2 || second > 0x9f)));
    }
  }
}

TEST(Utf8, OverlongFormsAreNoCharacters) {
  EXPECT_EQ(utf8_sequence_bytes("\xc0\xaf", 0), 0);
  EXPECT_EQ(utf8_sequence_bytes("\xc1\xbf", 0), 0);
  EXPECT_EQ(utf8_sequence_bytes("\xe0\x9f\xbf", 0), 0);
  EXPECT_EQ(utf8_sequence_bytes("\xf0\x8f\xbf\xbf", 0), 0);
}

TEST(Utf8, ACharacterCutShortIsNone) {
  EXPECT_EQ(utf8_sequence_bytes("\xe2\x82", 0), 0);
  EXPECT_EQ(utf8_sequence_bytes("\xf0\x9f\x92", 0), 0);
  EXPECT_EQ(utf8_sequence_bytes("x\xc3", 1), 0);
  EXPECT_EQ(utf8_sequence_bytes("\xe2\x82x", 0), 0);
}

TEST(ValidName, IsOneTo255Bytes) {
  EXPECT_FALSE(is_valid_name(""));
  for (std::size_t size = 1; size <= 255; ++size) {
    EXPECT_TRUE(is_valid_name(std::string(size, 'u'))) << size;
  }
  EXPECT_FALSE(is_valid_name(std::string(256, 'u')));
}

TEST(ValidName, CountsBytesNotCharacters) {
  std::string name;
  for (int i = 0; i < 127; ++i) name += "é";
  EXPECT_TRUE(is_valid_name(name + "x"));
  EXPECT_FALSE(is_valid_name(name + "é"));
}

TEST(ValidName, OneBadByteAtAnyPlaceOfAnyLength) {
  for (const char bad : {'\0', '\t', '\n', '\x1f', '\x7f', '\x80', '\xff'}) {
    for (std::size_t size = 1; size <= 40; ++size) {
      for (std::size_t place = 0; place < size; ++place) {
        std::string name(size, '~');
        name[place] = bad;
        ASSERT_FALSE(is_valid_name(name)) << size << ' ' << place;
      }
    }
  }
}

TEST(ValidName, AControlCharacterBesideOtherText) {
  EXPECT_TRUE(is_valid_name("größe"));
  EXPECT_TRUE(is_valid_name("利用者\xf0\x9f\x92\xb6"));
  EXPECT_FALSE(is_valid_name("größe\x1b[31m"));
  EXPECT_FALSE(is_valid_name("gr\xc2\x85"));
  EXPECT_TRUE(is_valid_name("gr\xc2\xa0"));
}

TEST(ValidName, SpacesAreNotItsBusiness) { EXPECT_TRUE(is_valid_name(" a b ")); }

TEST(ValidName, ReadsNothingBeyondTheView) {
  EXPECT_TRUE(is_valid_name("abc\n\n\n\n\n"sv.substr(0, 3)));
  EXPECT_FALSE(is_valid_name("\xe2\x82\xac"sv.substr(0, 2)));
}

}  // namespace
}  // namespace billing
