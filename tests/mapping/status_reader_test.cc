#include "mapping/status_reader.h"

#include <gtest/gtest.h>

namespace billing {
namespace {

/// -1 for texts that are no status.
int status_of(std::string_view text) {
  std::uint16_t status = 0;
  return read_status(text, status) ? status : -1;
}

TEST(StatusReaderTest, TakesOneToThreeDigits) {
  EXPECT_EQ(status_of("200"), 200);
  EXPECT_EQ(status_of("000"), 0);
  EXPECT_EQ(status_of("009"), 9);
  EXPECT_EQ(status_of("7"), 7);
  EXPECT_EQ(status_of("999"), 999);
}

TEST(StatusReaderTest, NoStatusIsZero) {
  EXPECT_EQ(status_of(""), 0);
  EXPECT_EQ(status_of("-"), 0);
  EXPECT_EQ(status_of("-1"), 0);
}

TEST(StatusReaderTest, RefusesAllElse) {
  for (const char* text : {"1000", "0200", "200.0", "2x0", " 200", "200 ", "+1", "-2", "--", "OK"})
    EXPECT_EQ(status_of(text), -1) << text;
}

}  // namespace
}  // namespace billing
