#include <gtest/gtest.h>

#include <sstream>

#include "naive/naive_engine.h"
#include "naive/record_fixture.h"

namespace billing::naive {
namespace {

class EngineFormats : public testing::Test {
 protected:
  void add(const RecordFormat& format, const std::string& input) {
    Options options;
    options.key = {true, false};
    options.filter.statuses.reset(404);
    options.max_record_bytes = 100;
    options.is_allowed = [](std::string_view task) { return task != "free"; };
    Engine engine(options);
    std::istringstream stream(input);
    totals_ = engine.add(stream, format, [&](const RejectedRecord& reject) {
      rejects_ += std::to_string(reject.line) + ' ' + std::to_string(reject.offset_bytes) + ' ' +
                  std::string(reject_reason_name(reject.reason)) + '@' +
                  std::to_string(reject.column) + " [" + std::string(reject.record) + "]\n";
    });
    const auto sums = engine.finish();
    const auto reader = sums->read();
    for (SumBlock block; reader->next(block);) {
      reader->load(block);
      for (const Sum& sum : block.rows) {
        sums_ += std::string(sum.user) + ' ' + std::to_string(sum.calls) + ' ' +
                 std::to_string(static_cast<long long>(sum.quantity)) + '\n';
      }
    }
  }

  InputTotals totals_;
  std::string rejects_;
  std::string sums_;
};

TEST_F(EngineFormats, EveryRecordIsAccountedFor) {
  RecordFormat format = csv_format();
  format.has_header = true;
  add(format,
      "time,user,task,status,quantity\n"
      "2025-05-02,ann,t,200,5\n"
      "\n"
      "2025-05-02,\"bob\n\",t,200,5\n"
      "2025-05-02,ann,t,404,7\n"
      "2025-05-02,ann,free,200,7\n"
      "2025-05-02,ann,t,,8\n"
      "2025-05-02,ann," +
          std::string(100, 't') + ",200,7\n");
  EXPECT_EQ(rejects_,
            "4 55 bad_user@12 [2025-05-02,\"bob\n\",t,200,5]\n"
            "7 104 unrated_task@16 [2025-05-02,ann,free,200,7]\n"
            "9 150 too_long@1 [2025-05-02,ann," +
                std::string(100, 't') + ",200,7]\n");
  EXPECT_EQ(sums_, "ann 2 13\n");
  EXPECT_EQ(totals_.records, 8u);
  EXPECT_EQ(totals_.accepted, 2u);
  EXPECT_EQ(totals_.filtered, 1u);
  EXPECT_EQ(totals_.blank, 1u);
  EXPECT_EQ(totals_.directives, 1u);
  EXPECT_EQ(totals_.rejected_total(), 3u);
  EXPECT_EQ(totals_.bytes, 272u);
  EXPECT_TRUE(totals_.accepted_quantity == 13);
}

TEST_F(EngineFormats, TextStaysOnItsOwnParser) {
  add(RecordFormat{}, "2025-05-02T23:16:50Z ann t 200 15ms\n2025-05-02T23:16:50Z ann t 99 15ms\n");
  EXPECT_EQ(sums_, "ann 1 15\n");
  EXPECT_EQ(rejects_, "2 36 bad_status@28 [2025-05-02T23:16:50Z ann t 99 15ms]\n");
}

TEST_F(EngineFormats, DirectivesOfPartsAddUp) {
  InputTotals total;
  total.directives = 1;
  InputTotals other;
  other.directives = 2;
  total += other;
  EXPECT_EQ(total.directives, 3u);
}

}  // namespace
}  // namespace billing::naive
