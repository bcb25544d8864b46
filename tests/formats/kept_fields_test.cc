// Fields that stand in the batch beside the events of their records.

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "billing/error.h"
#include "billing/mediate.h"

namespace billing {
namespace {

constexpr const char* kMissing = "(missing)";

class KeptFieldsTest : public testing::Test {
 protected:
  KeptFieldsTest() {
    format_.name = "json";
    format_.family = FormatFamily::json;
    format_.mapping = {"t", "u", "none", "none", "1"};
    format_.quantity.unit = "calls";
    format_.kept_fields = {"a", "$a/$b"};
  }

  /// What is kept of each event, in the order of the batch.
  std::vector<std::vector<std::string>> kept_of(std::string_view bytes) {
    MediationOptions options;
    options.format = make_input_format(format_);
    const auto batch = std::make_unique<EventBatch>();
    std::vector<std::vector<std::string>> kept;
    const auto on_batch = [&](EventBatch& events) {
      for (std::size_t i = 0; i < events.size; ++i) {
        kept.emplace_back();
        for (std::size_t field = 0; field < events.kept_count; ++field) {
          const std::string_view value = events.kept[i * events.kept_count + field];
          kept.back().emplace_back(value.data() == nullptr ? kMissing : value);
        }
      }
    };
    counts_ = mediate({bytes, bytes.size(), true}, options, *batch, on_batch,
                      [this](const Reject& reject) { rejects_.push_back(reject); });
    EXPECT_EQ(batch->kept, nullptr);
    EXPECT_EQ(batch->kept_count, 0u);
    return kept;
  }

  RecordFormat format_;
  MediationCounts counts_;
  std::vector<Reject> rejects_;
};

using Kept = std::vector<std::vector<std::string>>;

TEST_F(KeptFieldsTest, ValuesStandBesideTheirEventsAndMissingOnesHaveNoData) {
  EXPECT_EQ(kept_of("{\"t\":1700000000,\"u\":\"x\",\"a\":\"1\\n\",\"b\":2}\n"
                    "{\"t\":1700000000,\"u\":\"y\",\"b\":null}\n"
                    "{\"t\":1700000000,\"u\":\"z\",\"a\":\"\",\"b\":3}\n"),
            (Kept{{"1\n", "1\n/2"}, {kMissing, kMissing}, {kMissing, "-/3"}}));
}

TEST_F(KeptFieldsTest, OfSeveralTheFirstThatIsThereIsKept) {
  format_.kept_fields = {"a:first,b,=none"};
  EXPECT_EQ(kept_of("{\"t\":1700000000,\"u\":\"x\",\"a\":\"p, q\"}\n"
                    "{\"t\":1700000000,\"u\":\"x\",\"a\":\", q\",\"b\":true}\n"
                    "{\"t\":1700000000,\"u\":\"x\"}\n"),
            (Kept{{"p"}, {"true"}, {"none"}}));
}

TEST_F(KeptFieldsTest, AnObjectInPlaceOfAValueIsAReject) {
  EXPECT_EQ(kept_of("{\"t\":1700000000,\"u\":\"x\",\"a\":{}}\n"), Kept());
  ASSERT_EQ(rejects_.size(), 1u);
  EXPECT_EQ(rejects_[0].reason, RejectReason::bad_record);
  EXPECT_EQ(rejects_[0].column, 29u);
}

TEST_F(KeptFieldsTest, WhatAFilterDropsLeavesNothingBehind) {
  format_.where = {"u != y"};
  EXPECT_EQ(kept_of("{\"t\":1700000000,\"u\":\"x\",\"a\":1}\n"
                    "{\"t\":1700000000,\"u\":\"y\",\"a\":2}\n"
                    "{\"t\":1700000000,\"u\":\"z\",\"a\":3}\n"),
            (Kept{{"1", "1/-"}, {"3", "3/-"}}));
  EXPECT_EQ(counts_.filtered, 1u);
}

TEST_F(KeptFieldsTest, MoreRecordsThanABatchHoldsKeepTheirOwn) {
  std::string bytes;
  Kept expected;
  for (int i = 0; i < 3000; ++i) {
    bytes += R"({"t":1700000000,"u":"x","a":")" + std::to_string(i) + "\"}\n";
    expected.push_back({std::to_string(i), std::to_string(i) + "/-"});
  }
  EXPECT_EQ(kept_of(bytes), expected);
}

TEST_F(KeptFieldsTest, AKeyOfDuplicatesStandsBesideThem) {
  format_.dedupe.by = "b";
  EXPECT_EQ(kept_of("{\"t\":1700000000,\"u\":\"x\",\"a\":1,\"b\":2}\n"
                    "{\"t\":1700000000,\"u\":\"x\",\"a\":1}\n"),
            (Kept{{"1", "1/2"}}));
  EXPECT_EQ(rejects_.size(), 1u);
}

TEST_F(KeptFieldsTest, AnEventThatIsMovedTakesThemAlong) {
  const auto batch = std::make_unique<EventBatch>();
  std::vector<std::string_view> values = {"a", "b", "c", "d"};
  batch->kept = values.data();
  batch->kept_count = 2;
  batch->move(1, 0);
  EXPECT_EQ(values, (std::vector<std::string_view>{"c", "d", "c", "d"}));
}

TEST_F(KeptFieldsTest, NothingIsKeptWhereNothingIsAskedFor) {
  format_.kept_fields.clear();
  EXPECT_EQ(kept_of("{\"t\":1700000000,\"u\":\"x\",\"a\":1}\n"), (Kept{{}}));
}

TEST_F(KeptFieldsTest, FieldsThatThereCannotBeAreRefused) {
  const auto is_refused = [this] {
    try {
      make_input_format(format_);
    } catch (const Error& error) {
      return error.kind() == ErrorKind::configuration;
    }
    return false;
  };
  format_.kept_fields = {"none"};
  EXPECT_TRUE(is_refused());
  format_.kept_fields = {"a"};
  format_.measures = {{"m", "b"}};
  format_.mapping.quantity.clear();
  EXPECT_THROW(make_input_format(format_), std::invalid_argument);
  format_ = RecordFormat();
  format_.kept_fields = {"a"};
  EXPECT_TRUE(is_refused());
}

}  // namespace
}  // namespace billing
