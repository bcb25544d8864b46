#include "formats/text_record.h"

#include <gtest/gtest.h>

#include <string>

#include "record_vectors.h"

namespace billing {
namespace {

std::string decoded(std::string_view line) {
  TextRecord record;
  const TextDecision decision = decode_text_record(line, record);
  switch (decision.outcome) {
    case TextOutcome::blank:
      return "blank";
    case TextOutcome::reject:
      return describe_reject(decision.reason, decision.column);
    case TextOutcome::event:
      return describe_event(record.time_ns, record.user, record.task, record.status,
                            record.duration_ms);
  }
  return "no outcome";
}

TEST(TextRecord, IsReadAsTheOracleReadsIt) {
  const auto vectors = read_record_vectors();
  ASSERT_GT(vectors.size(), 1000u);
  for (const RecordVector& vector : vectors)
    EXPECT_EQ(decoded(vector.record), vector.expected) << vector.record_hex;
}

TEST(TextRecord, FieldsAreViewsIntoTheLine) {
  const std::string line = "2025-05-02T23:16:50Z user115 login 200 1568ms";
  TextRecord record;
  decode_text_record(line, record);
  EXPECT_EQ(record.user.data(), line.data() + 21);
  EXPECT_EQ(record.task.data(), line.data() + 29);
}

TEST(TextRecord, TheFirstReasonThatAppliesNamesTheReject) {
  EXPECT_EQ(decoded("x \x01 \x01 x x x"), "field_count@11");
  EXPECT_EQ(decoded("x \x01 \x01 x"), "field_count@8");
  EXPECT_EQ(decoded("x \x01 \x01 x x"), "bad_time@1");
  EXPECT_EQ(decoded("2025-05-02T23:16:50Z \x01 \x01 x x"), "bad_user@22");
  EXPECT_EQ(decoded("2025-05-02T23:16:50Z u \x01 x x"), "bad_task@24");
  EXPECT_EQ(decoded("2025-05-02T23:16:50Z u t x x"), "bad_status@26");
  EXPECT_EQ(decoded("2025-05-02T23:16:50Z u t 200 x"), "bad_duration@30");
}

TEST(TextRecord, ColumnsCountTheBlanksBefore) {
  EXPECT_EQ(decoded(" \t2025-05-02T23:16:50Z  u\tt x x \r"), "bad_status@29");
}

TEST(TextRecord, ReasonsHaveTheirNames) {
  for (std::size_t i = 0; i < kRejectReasonCount; ++i) {
    const auto reason = static_cast<RejectReason>(i);
    EXPECT_EQ(std::string(reject_reason_name(reason)) + "@1", describe_reject(reason, 1));
  }
}

}  // namespace
}  // namespace billing
