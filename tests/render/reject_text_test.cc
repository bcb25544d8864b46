#include "render/reject_text.h"

#include <gtest/gtest.h>

#include <string>

#include "billing/reject.h"

namespace billing {
namespace {

RejectedRecord reject(RejectReason reason, std::uint32_t column, std::string_view record) {
  return make_rejected_record(7, 0, column, reason, record, record.size());
}

std::string describe(const RejectedRecord& example) { return describe_reject_reason(example, {}); }

TEST(RejectReasons, NameTheFieldOfOtherFormats) {
  RecordFormat csv;
  csv.family = FormatFamily::csv;
  csv.columns = {"a", "b"};
  csv.mapping.user = "who";
  csv.mapping.quantity = "size:B";
  csv.quantity = {"kB", 3, false};
  EXPECT_EQ(describe_reject_reason(reject(RejectReason::field_count, 1, "x"), csv),
            "field_count: wants 2 cells, as there are columns");
  EXPECT_EQ(describe_reject_reason(reject(RejectReason::bad_user, 1, "x"), csv),
            "bad_user: wants 1 to 255 bytes of UTF-8 without control characters in who");
  EXPECT_EQ(describe_reject_reason(reject(RejectReason::bad_quantity, 1, "x"), csv),
            "bad_quantity: wants a number in size:B that is 0 or more kB with at most 3 digits "
            "behind the point (\1quantity-digits; \1"
            "excess-digits round for more; \1negative allow for credits)");
}

/// Which columns there are only the line before it tells.
TEST(RejectReasons, OfCellsThatLinesName) {
  RecordFormat iis;
  iis.family = FormatFamily::w3c;
  EXPECT_EQ(describe_reject_reason(reject(RejectReason::field_count, 1, "x"), iis),
            "field_count: wants as many cells as the #Fields: line before it names");
}

TEST(RejectReasons, SayWhatIsWantedAndFound) {
  EXPECT_EQ(describe(reject(RejectReason::field_count, 9, "a b  c\td e f g ")),
            "field_count: wants 5 fields, time user task status NNNms; this line has 7");
  EXPECT_EQ(describe(reject(RejectReason::field_count, 33, "2025-05-02 23:16:50 u login 200 5ms")),
            "field_count: wants 5 fields, time user task status NNNms; this line has 6 because a "
            "blank separates its date and time");
  EXPECT_EQ(describe(reject(RejectReason::bad_user, 3, "t " + std::string(300, 'u') + " login")),
            "bad_user: wants 1 to 255 bytes of UTF-8 without control characters; this one has 300 "
            "bytes");
  for (std::size_t i = 0; i < kRejectReasonCount; ++i) {
    const auto reason = static_cast<RejectReason>(i);
    EXPECT_NE(describe(reject(reason, 1, "x")).find(": wants "), std::string::npos)
        << reject_reason_name(reason);
  }
}

}  // namespace
}  // namespace billing
