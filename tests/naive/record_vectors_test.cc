// The baseline's parser against tests/oracle/records.csv.

#include "formats/record_vectors.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <sstream>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "naive/naive_engine.h"
#include "naive/record_parser.h"

namespace billing::naive {
namespace {

std::string describe(const Record& record) {
  if (std::holds_alternative<Blank>(record)) return "blank";
  if (const auto* flaw = std::get_if<Flaw>(&record))
    return describe_reject(flaw->reason, flaw->column);
  const auto& event = std::get<Event>(record);
  return describe_event(event.time_ns, event.user, event.task, event.status, event.quantity);
}

TEST(RecordVectors, AreReadAsTheOracleReadsThem) {
  const std::vector<RecordVector> vectors = read_record_vectors();
  ASSERT_GT(vectors.size(), 1000u);
  for (const RecordVector& vector : vectors) {
    std::string_view record = vector.record;
    if (record.ends_with('\r')) record.remove_suffix(1);
    EXPECT_EQ(describe(parse_record(record)), vector.expected) << vector.record_hex;
  }
}

TEST(RecordVectors, StandAtTheirPlacesInOneLog) {
  using Place = std::pair<std::uint64_t, std::string>;  // line, reason@column
  std::string log;
  std::vector<Place> expected;
  std::uint64_t line = 0;
  for (const RecordVector& vector : read_record_vectors()) {
    ++line;
    log += vector.record + "\n";
    if (vector.expected.find('@') != std::string::npos)
      expected.emplace_back(line, vector.expected);
  }
  std::vector<Place> rejects;
  Engine engine({{true, false}, nullptr, {}, {}});
  std::istringstream input(log);
  const InputTotals totals = engine.add(input, [&](const RejectedRecord& reject) {
    rejects.emplace_back(reject.line, describe_reject(reject.reason, reject.column));
    EXPECT_EQ(log.substr(reject.offset_bytes, reject.record.size()), reject.record);
  });
  EXPECT_EQ(rejects, expected);
  EXPECT_EQ(totals.bytes, log.size());
  EXPECT_EQ(totals.records, line);
  EXPECT_EQ(totals.records, totals.accepted + totals.rejected_total() + totals.blank);
}

}  // namespace
}  // namespace billing::naive
