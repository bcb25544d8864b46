#include "io/compressed.h"

#include <gtest/gtest.h>

#include <string>

namespace billing {
namespace {

TEST(Compressed, GzipIsKnownByItsFirstTwoBytes) {
  const std::string advice = "is compressed with gzip; try: zcat a.gz | billing aggregate -";
  EXPECT_EQ(describe_compressed("a.gz", "\x1f\x8b\x08\x01"), advice);
  EXPECT_EQ(describe_compressed("a.gz", "\x1f\x8b"), advice);
}

TEST(Compressed, ZstdIsKnownByItsFirstFourBytes) {
  EXPECT_EQ(describe_compressed("a", "\x28\xb5\x2f\xfd"),
            "is compressed with zstd; try: zstdcat a | billing aggregate -");
}

TEST(Compressed, AllElseIsNot) {
  for (const char* text : {"", "2025", "\x1f", "\x8b\x1f", "\x28\xb5\x2f", "BZh9", "PK\x03\x04"})
    EXPECT_EQ(describe_compressed("a", text), "") << text;
}

TEST(Compressed, NamesAreEscaped) {
  EXPECT_NE(describe_compressed("a\nb", "\x1f\x8b").find("zcat a\\nb |"), std::string::npos);
}

}  // namespace
}  // namespace billing
