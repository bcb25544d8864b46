#include "base/text_columns.h"

#include <gtest/gtest.h>

namespace billing {
namespace {

TEST(TextColumns, AreOneForMostCharacters) {
  EXPECT_EQ(text_columns(""), 0U);
  EXPECT_EQ(text_columns("user1"), 5U);
  EXPECT_EQ(text_columns("größe"), 5U);
}

TEST(TextColumns, AreTwoForWideOnes) {
  EXPECT_EQ(text_columns("利用者"), 6U);
  EXPECT_EQ(text_columns("a😀b"), 4U);
}

TEST(TextColumns, AreNoneForMarksOverTheLetterBefore) { EXPECT_EQ(text_columns("e\u0301"), 1U); }

TEST(TextColumns, AreOneForEachByteThatIsNoText) {
  EXPECT_EQ(text_columns("\xff\xfe"), 2U);
  EXPECT_EQ(text_columns("\x01"), 1U);
}

}  // namespace
}  // namespace billing
