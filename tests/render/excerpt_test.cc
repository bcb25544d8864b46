#include "render/excerpt.h"

#include <gtest/gtest.h>

#include <string>

#include "base/text_columns.h"

namespace billing {
namespace {

RejectedRecord reject(RejectReason reason, std::uint32_t column, std::string_view record) {
  return make_rejected_record(7, 0, column, reason, record, record.size());
}

std::string excerpt(const RejectedRecord& rejected, std::size_t columns = kExcerptColumns) {
  std::string out;
  append_excerpt(out, "log", rejected, columns);
  return out;
}

/// The columns before the caret, and those before the mark in the record above it.
void expect_caret_below(const std::string& shown, std::string_view mark, std::size_t columns) {
  const std::size_t record = shown.find('\n') + 1;
  const std::size_t caret = shown.find('\n', record) + 1;
  const std::string line = shown.substr(record, caret - record - 1);
  ASSERT_NE(line.find(mark), std::string::npos) << shown;
  EXPECT_EQ(shown.find('^', caret) - caret, text_columns(line.substr(0, line.find(mark)))) << shown;
  EXPECT_LE(text_columns(line), columns + 4) << shown;
}

TEST(Excerpt, ShowsPlaceReasonRecordAndCaret) {
  EXPECT_EQ(excerpt(reject(RejectReason::bad_status, 5, "t u 2x0 1ms")),
            "  log:7:5: bad_status\n    t u 2x0 1ms\n        ^\n");
}

TEST(Excerpt, HasItsCaretBelowThePlaceBehindWideCharacters) {
  expect_caret_below(excerpt(reject(RejectReason::bad_status, 13, "t 利用者 X")), "X", 120);
  expect_caret_below(excerpt(reject(RejectReason::bad_status, 8, "t 😀 X")), "X", 120);
  expect_caret_below(excerpt(reject(RejectReason::bad_status, 7, "t e\u0301 X")), "X", 120);
}

TEST(Excerpt, EscapesWhatNobodySees) {
  EXPECT_NE(excerpt(reject(RejectReason::bad_time, 1, "\ufeff2025")).find(R"(\xEF\xBB\xBF2025)"),
            std::string::npos);
}

TEST(Excerpt, FitsIntoItsColumnsWhateverStandsThere) {
  for (const std::string_view filling : {"a", "利", "\x01", "e\u0301", "\u202e"}) {
    std::string before;
    while (before.size() < 500) before += filling;
    const std::string record = before + "X" + before;
    const auto column = static_cast<std::uint32_t>(before.size() + 1);
    for (const std::size_t columns : {20U, 75U, 120U}) {
      expect_caret_below(excerpt(reject(RejectReason::bad_user, column, record), columns), "X",
                         columns);
    }
  }
}

TEST(Excerpt, CutsNoCharacterInTwo) {
  std::string record;
  for (int i = 0; i < 200; ++i) record += "é";
  record += "X";
  for (int i = 0; i < 200; ++i) record += "é";
  EXPECT_EQ(excerpt(reject(RejectReason::bad_user, 401, record)).find('\\'), std::string::npos);
}

}  // namespace
}  // namespace billing
