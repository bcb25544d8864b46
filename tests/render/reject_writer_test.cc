#include "render/reject_writer.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace billing {
namespace {

std::string written(std::string_view record, bool csv_safe = false) {
  std::string out;
  append_reject_row(out, "api.log",
                    make_rejected_record(7, 1234, 1, RejectReason::bad_time, record, record.size()),
                    csv_safe);
  return out;
}

TEST(RejectWriter, OneRowWithItsPlace) {
  EXPECT_EQ(written("2025 user1 login 200 5ms"),
            "api.log,7,1234,bad_time,2025 user1 login 200 5ms\n");
}

TEST(RejectWriter, EscapesFirstAndQuotesThen) {
  EXPECT_EQ(written("a,\"b\"\t\x1b\\\xff"),
            "api.log,7,1234,bad_time,\"a,\"\"b\"\"\\t\\x1B\\\\\\xFF\"\n");
}

TEST(RejectWriter, AnEscapeDoesNotNeedQuotes) {
  EXPECT_EQ(written("a\rb"), "api.log,7,1234,bad_time,a\\rb\n");
}

TEST(RejectWriter, FormulasAreGuardedOnDemand) {
  EXPECT_EQ(written("=1"), "api.log,7,1234,bad_time,=1\n");
  EXPECT_EQ(written("=1", true), "api.log,7,1234,bad_time,'=1\n");
}

TEST(RejectWriter, TheNameOfTheFileComesFromOutsideToo) {
  std::string out;
  append_reject_row(out, "-a,\n.log",
                    make_rejected_record(1, 0, 1, RejectReason::field_count, "x", 1), true);
  EXPECT_EQ(out, "\"'-a,\\n.log\",1,0,field_count,x\n");
}

TEST(RejectWriter, CutsARecordLongerThan64KiB) {
  const std::string longest(65'536, 'x');
  EXPECT_EQ(written(longest), "api.log,7,1234,bad_time," + longest + "\n");
  EXPECT_EQ(written(longest + "yz"), "api.log,7,1234,bad_time," + longest + "…(+2 bytes)\n");
}

TEST(RejectWriter, CutsByTheRecordsOwnBytes) {
  const std::string record(65'537, '\t');
  std::string escaped;
  for (int i = 0; i < 65'536; ++i) escaped += "\\t";
  EXPECT_EQ(written(record), "api.log,7,1234,bad_time," + escaped + "…(+1 bytes)\n");
}

TEST(RejectWriter, QuotesACutRecordAsAWhole) {
  const std::string record = "," + std::string(65'536, 'x');
  EXPECT_EQ(written(record),
            "api.log,7,1234,bad_time,\"" + record.substr(0, 65'536) + "…(+1 bytes)\"\n");
}

}  // namespace
}  // namespace billing
