// Both engines on records of the shape that kernels take without a closer look, and on those that
// just miss it. All levels of vector instructions must make the same of them as the baseline.

#include <gtest/gtest.h>

#include <string>

#include "billing/simd_level.h"
#include "plain_texts.h"
#include "random_comparison.h"

namespace billing {
namespace {

class PlainRecords : public RandomComparison {
 protected:
  /// Logs of records that make_record(texts) makes.
  template <class MakeRecord>
  void compare(const std::string& header, const MakeRecord& make_record) {
    for (int round = 0; round < rounds_or(24); ++round) {
      SCOPED_TRACE(round);
      PlainTexts texts(static_cast<std::uint64_t>(round));
      job.usage.cycles = cycles(round % 4 < 2 ? "calls:3" : "day");  // the first asks for each time
      std::string log = header;
      for (std::size_t records = 1 + texts.below(1500); records > 0; --records)
        log += make_record(texts) + texts.line_end();
      if (texts.below(4) == 0) log.pop_back();
      read_file(log);
      const Outcome expected = naive();
      EXPECT_EQ(expected.error, "");
      for (const SimdLevel level : available_simd_levels()) {
        job.mediation.simd = level;
        if (!agrees({1}, expected) || !agrees({2, 1 + texts.below(40'000)}, expected)) return;
      }
    }
  }
};

TEST_F(PlainRecords, Csv) {
  job.format = settings_of("csv");
  compare("time,id,user,task,status,duration_ms,client\n",
          [](PlainTexts& texts) { return texts.row(); });
}

TEST_F(PlainRecords, CsvThatEndsWithTheQuantity) {
  job.format = settings_of("csv");
  job.format.quantity_digits = 3;
  compare("task,user,time,duration_ms\n", [](PlainTexts& texts) {
    return texts.task() + "," + texts.user() + "," + texts.time() + "," + texts.quantity() +
           texts.text("", {",", ",x", ",,"});
  });
}

TEST_F(PlainRecords, TsvOfConstantQuantities) {
  job.format = settings_of("tsv");
  job.format.quantity = "=1";
  compare("user\ttask\ttime\tstatus\n", [](PlainTexts& texts) {
    return texts.user() + "\t" + texts.task() + "\t" + texts.time() + "\t" + texts.status();
  });
}

TEST_F(PlainRecords, JsonOfOneShape) {
  job.format = settings_of("json");
  compare("", [](PlainTexts& texts) { return texts.json(); });
}

TEST_F(PlainRecords, JsonOfSeveralShapes) {
  job.format = settings_of("json");
  job.format.quantity_digits = 3;
  compare("\xEF\xBB\xBF", [](PlainTexts& texts) {
    texts.is_mixed = true;
    return texts.json();
  });
}

TEST_F(PlainRecords, JsonThatIsFiltered) {
  job.format = settings_of("json");
  job.format.where = {"status < 500 or user != user7"};
  compare("\n", [](PlainTexts& texts) {
    texts.is_mixed = true;
    return texts.json();
  });
}

}  // namespace
}  // namespace billing
